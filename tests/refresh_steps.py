"""Takes a landing and a warehouse through steps, in one process: python refresh_steps.py STEPS.json

A step is a list: ["ingest", file …], ["withdraw", file, day], ["restore", file] or ["dbt", argument …]. A
release is named by the file that it came in. The environment says which landing and warehouse.
"""

import json
import sys
from datetime import date
from pathlib import Path

from dbt.cli.main import dbtRunner

from saldo.intake.ingest import Options, ingest
from saldo.landing import open_landing

REASON = "a wrong figure"


def main() -> None:
    project = Path.cwd()
    landing = open_landing(project)
    for action, *words in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        if action == "ingest":
            outcomes = ingest(project, landing, words, Options())
            assert all(outcome.status == "landed" for outcome in outcomes), outcomes
        elif action == "dbt":
            result = dbtRunner().invoke(words)
            assert result.success, result
        else:
            name = Path(words[0]).name
            [release] = [each["release_id"] for each in landing.manifests() if each["file_name"] == name]
            if action == "withdraw":
                landing.withdraw(release, date.fromisoformat(words[1]), REASON)
            else:
                landing.restore(release)


if __name__ == "__main__":
    main()
