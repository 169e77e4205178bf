"""Runs of a suite, one process each, written down one by one."""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

from heatnet import index as indexes
from heatnet import run as results
from heatnet.bench import outcome, records
from heatnet.bench.jobs import Job, Tell, default_cache, jobs
from heatnet.bench.process import capped
from heatnet.bench.records import Journal, Run
from heatnet.bench.setting import Setting
from heatnet.bench.suite import Suite
from heatnet.errors import RunError, UsageError

HEATNET = (sys.executable, "-c", "from heatnet.cli import main; main()")
"""The command in a process of its own, of the code that runs here."""


def run_suite(
    suite: Suite, out: Path, tell: Tell, *, tag: str | None = None, cache: Path | None = None, record: bool = False
) -> int:
    """Make the runs of a suite that a file does not hold yet, and append them; returns how many of them are faulty.

    Results and logs go into the folder `OUT-results` beside the file. `cache`: folder of generated instances. `record`:
    enter what is better than the index of the suite knows. Raises UsageError before anything is run.
    """
    entries = suite.tagged(tag)
    if record and suite.index is None:
        raise UsageError(f"{suite.path}: names no index to record in; give `index`.")
    with records.opened(out) as journal:
        for fault in journal.faults:
            tell(fault)
        if suite.index is not None:
            indexes.read(suite.index)  # that it is none is known at once
        wanted = list(jobs(entries, suite.folder, cache or default_cache(), tell))
        bench = Bench(suite, out.with_name(f"{out.stem}-results"), journal, Setting.here(), record, tell)
        return sum(bench.make(job) for job in wanted)


@dataclass
class Bench:
    """One call: where its runs are written and kept, and what they are of."""

    suite: Suite
    folder: Path
    journal: Journal
    setting: Setting
    record: bool
    tell: Tell

    def make(self, job: Job) -> bool:
        """Make a run unless it is there already; returns whether it is faulty."""
        draft = self._draft(job)
        done = next((run for run in self.journal.runs if run.key == draft.key and run.status != records.SKIPPED), None)
        label = f"{draft.name}, seed {draft.seed}"
        if done is not None:
            self.tell(f"{label}: is there already ({done.status})")
            return done.status in records.FAULTY
        made = self._made(job, draft)
        made = outcome.held_to(made, self._known(made))
        self.journal.append(made)
        self.tell(f"{label}: {outcome.told(made)}")
        if self.record and made.status in ("optimal", "feasible"):
            self._enter(self._place(draft))
        return made.status in records.FAULTY

    def _draft(self, job: Job) -> Run:
        """The record of a run that is yet to be made."""
        entry, setting = job.entry, self.setting
        asked = entry.city or entry.street
        kind = None if asked is None else {"kind": type(asked).__name__.lower(), **asked.model_dump(exclude_none=True)}
        return Run(
            suite=self.suite.title or self.suite.path.stem,
            name=entry.name,
            title=entry.title,
            target=entry.target,
            begun=datetime.datetime.now(datetime.UTC),
            commit=setting.commit,
            dirty=setting.dirty,
            code_sha256=setting.code_sha256,
            versions=setting.versions,
            machine=setting.machine,
            instance=None if job.instance is None else job.instance.resolve().name,
            instance_sha256=job.sha256,
            schedule=entry.schedule,
            generated=kind,
            solver="python" if entry.python is not None else entry.solver,
            options=entry.options,
            options_sha256=hashlib.sha256(json.dumps(entry.options, sort_keys=True).encode()).hexdigest(),
            threads=entry.threads,
            seed=job.seed,
            time_cap_s=entry.cap_s,
            memory_cap_mb=entry.memory_mb,
            status=records.SKIPPED,
        )

    def _place(self, draft: Run, name: str | None = None) -> Path:
        """The result folder of a run, or of the run of that name that it begins from; its log has the same name."""
        return self.folder / f"{name or draft.name}-{draft.seed}-{draft.code_sha256[:8]}"

    def _made(self, job: Job, draft: Run) -> Run:
        entry, place = job.entry, self._place(draft)
        free = psutil.virtual_memory().available / 1e6
        if free < entry.memory_mb:
            reason = f"the machine has {free:,.0f} MB free, and the run may take {entry.memory_mb:,.0f}"
            return draft.model_copy(update={"reason": reason})
        command = (sys.executable, *(entry.python or ()))
        if job.instance is not None:
            command = (*HEATNET, "solve", str(job.instance.resolve()), "--json", "--out", str(place.resolve()))
            command += job.arguments
        if entry.start is not None:
            start = self._place(draft, entry.start)
            if not start.is_dir():
                return draft.model_copy(update={"reason": f"run `{entry.start}`, to begin from, left no result"})
            command += ("--start", str(start.resolve()))
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in (place, place.with_name(f"{place.name}.part")):
            shutil.rmtree(old, ignore_errors=True)
        log = place.with_name(f"{place.name}.log")
        with tempfile.TemporaryFile() as out, log.open("w+b") as err:
            ended = capped(
                command, cwd=self.suite.folder, out=out, err=err, time_s=entry.cap_s, memory_mb=entry.memory_mb
            )
            out.seek(0)
            printed = out.read().decode(errors="replace")
            err.seek(0)
            last = err.read().decode(errors="replace").strip().splitlines()[-1:]
            if (place / "log.txt").is_file():
                err.write(b"\n" + (place / "log.txt").read_bytes())
        seen = {
            "exit_code": ended.exit_code,
            "wall_s": round(ended.wall_s, 3),
            "peak_rss_mb": round(ended.peak_rss_mb, 1),
            "log": f"{self.folder.name}/{log.name}",
        }
        return draft.model_copy(update=seen | outcome.outcome(entry, ended, printed, last, place))

    def _known(self, run: Run) -> indexes.Entry | None:
        """What the index knows of the question of a run."""
        if self.suite.index is None or run.question is None:
            return None
        return indexes.read(self.suite.index).get(run.question)

    def _enter(self, folder: Path) -> None:
        """Enter a result in the index; that it cannot be is told."""
        assert self.suite.index is not None
        known = indexes.read(self.suite.index)
        try:
            after = indexes.entered(known, results.load(folder), datetime.datetime.now(datetime.UTC).date())
            if after != known:
                indexes.write(self.suite.index, after)
                for sentence in indexes.news(known, after):
                    self.tell(f"{self.suite.index}: {sentence}")
        except RunError as error:
            self.tell(str(error))
