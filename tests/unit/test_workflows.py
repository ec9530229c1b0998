"""The workflows of GitHub: actions pinned by commit, no stored keys, no more rights than they need."""

import re
from pathlib import Path

import pytest
import yaml

FOLDER = Path(__file__).parents[2] / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit_and_no_key_is_stored(path: Path) -> None:
    text = path.read_text()
    actions = re.findall(r"uses: *(\S+)", text)
    assert actions
    assert [action for action in actions if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action)] == []
    assert not re.search("secrets[.]|aws_(access|secret)|access-key", text, re.IGNORECASE)


def test_only_the_deployment_may_ask_for_an_identity() -> None:
    rights = {path.name: yaml.safe_load(path.read_text())["permissions"] for path in WORKFLOWS}
    assert rights == {
        "ci.yml": {"contents": "read"},
        "deploy.yml": {"contents": "read", "id-token": "write"},
    }
