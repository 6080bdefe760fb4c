"""The image has everything that the program needs, and nothing else."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.house.test_deploy import DOCKERFILE, ROOT


def test_the_image_is_built_from_what_it_is_given_and_nothing_is_missing(tmp_path: Path) -> None:
    """Build the wheel as the image does: from what the Dockerfile copies and .dockerignore lets in."""
    stages = DOCKERFILE.read_text("utf-8").split("\nFROM ")
    given = {name for stage in stages for name in copied_in(stage)}
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert allowed <= given
    assert {name for name in given if name.partition("/")[0] not in allowed} <= allowed
    (of_the_wheel,) = (stage for stage in stages if "pip wheel" in stage)
    for name in copied_in(of_the_wheel):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    assert "COPY --from=web /build/web/dist web/dist\n" in of_the_wheel
    (tmp_path / "web" / "dist").mkdir(parents=True)
    (tmp_path / "web" / "dist" / "index.html").write_text("<!DOCTYPE html>")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(("evens/", "line_provider/"))}
    sources = {str(path.relative_to(tmp_path / "src")) for path in (tmp_path / "src").rglob("*") if path.is_file()}
    assert packed == sources | {"evens/edges/web/dist/index.html"}


def copied_in(stage: str) -> set[str]:
    """Return what a stage of the Dockerfile copies from the checkout."""
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", stage, re.MULTILINE)
    return {name for line in lines for name in line.split()}
