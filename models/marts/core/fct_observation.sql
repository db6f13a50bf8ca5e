{{ latest_observation(ref('fct_revision')) }}
