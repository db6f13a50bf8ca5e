export default {
  title: "saldo",
  root: "src",
  // No fonts or scripts from elsewhere: the pages work without a network.
  globalStylesheets: [],
  footer: 'Figures: saldo; the publisher of each stands in <code>core.dim_release</code>.',
  pager: false,
  toc: false
};
