#!/usr/bin/env python3
"""Quatrain beside PostgreSQL 15 on the same machine, in the same run: ratios, with CPU per operation.

usage: benchmarks/postgres.py QUATRAIN_EXECUTABLE [--seconds N] [--rows N] [--clients N]

Each server is alone while it is measured. Both answer only what is on disk (PostgreSQL:
fsync=on, synchronous_commit=on). CPU time is that of all of the server's processes. The figures
of one run of a busy machine mean little; the ratios of medians of several rounds do.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time

POSTGRES = pathlib.Path(os.environ.get("POSTGRES_BIN", "/usr/lib/postgresql/15/bin"))
PGBENCH = POSTGRES / "pgbench"
TICK = os.sysconf("SC_CLK_TCK")


def children(pid):
    found = [pid]
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            if int(stat.rsplit(")", 1)[1].split()[1]) == pid:
                found.append(int(entry.name))
    return found


def cpu_seconds(pid):
    """User and system time of a process, of its children, and of those that have ended."""
    total = 0
    for process in children(pid):
        try:
            fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
        if process == pid:
            total += int(fields[13]) + int(fields[14])
    return total / TICK


def resident_bytes(pid):
    """Private and shared memory of all processes, shared pages counted once (PSS)."""
    total = 0
    for process in children(pid):
        try:
            text = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        total += int(re.search(r"^Pss:\s+(\d+)", text, re.M).group(1)) * 1024
    return total


class Server:
    user = "quatrain"
    database = "quatrain"

    def psql(self, sql, **options):
        result = subprocess.run(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
             str(self.port), "-U", self.user, "-d", self.database, "-c", sql],
            check=True, capture_output=True, text=True, **options)
        return result.stdout.strip()

    def copy(self, sql, path):
        with open(path, "rb") as data:
            subprocess.run(
                ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
                 str(self.port), "-U", self.user, "-d", self.database, "-c", sql],
                check=True, stdin=data, stdout=subprocess.DEVNULL)

    def pgbench(self, *arguments):
        return subprocess.run(
            [str(PGBENCH), "-h", "127.0.0.1", "-p", str(self.port), "-U", self.user, *arguments,
             self.database],
            check=True, capture_output=True, text=True).stdout


class Quatrain(Server):
    name = "Quatrain"

    def __init__(self, executable, directory):
        self.executable = executable
        self.directory = directory / "quatrain"

    def start(self):
        begin = time.monotonic()
        self.process = subprocess.Popen(
            [self.executable, "run", "--data-dir", str(self.directory), "--pg-port", "0", "--http-port", "off",
             "--memory-limit", "8192"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        self.port = int(re.search(r'"pg":"[^"]*:(\d+)"', line).group(1))
        self.pid = self.process.pid
        return time.monotonic() - begin

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    stop = kill


class PostgreSQL(Server):
    name = "PostgreSQL"

    def __init__(self, directory):
        self.directory = directory / "postgres"
        self.prefix = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] \
            if os.geteuid() == 0 else []
        self.directory.mkdir()
        if self.prefix:
            shutil.chown(self.directory, "nobody", "nogroup")
        self.port = 5599
        self.run("initdb", "-D", str(self.directory / "data"), "-U", self.user, "-A", "trust",
                 "--locale=C", "-E", "UTF8")

    def run(self, tool, *arguments):
        subprocess.run([*self.prefix, str(POSTGRES / tool), *arguments], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.directory)

    def start(self):
        begin = time.monotonic()
        self.run("pg_ctl", "-D", str(self.directory / "data"), "-w", "-t", "300", "-l",
                 str(self.directory / "log"), "-o",
                 f"-p {self.port} -k {self.directory} -c shared_buffers=1GB"
                 " -c max_wal_size=4GB -c fsync=on -c synchronous_commit=on", "start")
        self.pid = int((self.directory / "data" / "postmaster.pid").read_text().split()[0])
        elapsed = time.monotonic() - begin
        try:
            self.psql("create database quatrain", env={**os.environ, "PGDATABASE": "postgres"})
        except subprocess.CalledProcessError:
            pass
        return elapsed

    def psql(self, sql, **options):
        database = self.database
        if sql.startswith("create database"):
            self.database = "postgres"
        try:
            return super().psql(sql, **options)
        finally:
            self.database = database

    def kill(self):
        for process in reversed(children(self.pid)):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        while any(pathlib.Path(f"/proc/{p}").exists() for p in [self.pid]):
            time.sleep(0.05)
        (self.directory / "data" / "postmaster.pid").unlink(missing_ok=True)

    def stop(self):
        self.run("pg_ctl", "-D", str(self.directory / "data"), "-m", "fast", "stop")


def transactions(server, arguments, options):
    """Transactions per second of the run, and the server's CPU microseconds for each."""
    before = cpu_seconds(server.pid)
    report = server.pgbench("-n", "-c", str(options.clients), "-j", "2", "-T",
                            str(options.seconds), *arguments)
    count = int(re.search(r"actually processed: (\d+)", report).group(1))
    rate = float(re.search(r"tps = ([\d.]+)", report).group(1))
    failed = int(re.search(r"failed transactions: (\d+)", report).group(1))
    time.sleep(0.3)
    return {"tps": rate, "cpu": (cpu_seconds(server.pid) - before) / count * 1e6, "failed": failed}


def measure(server, options, data):
    figures = {}
    server.start()
    server.pgbench("-i", "-q", "-s", "10")
    for mode in ["simple", "extended", "prepared"]:
        rounds = [transactions(server, ["-S", "-M", mode], options) for _ in range(options.rounds)]
        figures[f"select-only, {mode}"] = rounds
    figures["TPC-B, prepared"] = [
        transactions(server, ["-M", "prepared"], options) for _ in range(options.rounds)]
    server.psql("create table wide (id int primary key, a int, b text)")
    memory = resident_bytes(server.pid)
    before, begin = cpu_seconds(server.pid), time.monotonic()
    server.copy("copy wide from stdin", data)
    elapsed = time.monotonic() - begin
    figures["COPY"] = [{"tps": options.rows / elapsed,
                        "cpu": (cpu_seconds(server.pid) - before) / options.rows * 1e6, "failed": 0}]
    figures["memory"] = (resident_bytes(server.pid) - memory) / options.rows
    server.kill()
    figures["recovery"] = server.start()
    found = int(server.psql("select count(*) from wide"))
    assert found == options.rows, f"{server.name} lost rows: {found}"
    server.stop()
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("executable")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=16)
    options = parser.parse_args()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="quatrain-bench-"))
    directory.chmod(0o755)
    try:
        data = directory / "wide.tsv"
        with open(data, "w") as out:
            for row in range(options.rows):
                out.write(f"{row}\t{row * 7 % 1000003}\tvalue number {row} of the table\n")
        ours = measure(Quatrain(os.path.realpath(options.executable), directory), options, data)
        theirs = measure(PostgreSQL(directory), options, data)
    finally:
        shutil.rmtree(directory, ignore_errors=True)

    def median(figures, key):
        return statistics.median(item[key] for item in figures)

    print(f"{'':24}{'Quatrain':>22}{'PostgreSQL':>22}{'rate':>9}{'CPU':>9}")
    print(f"{'':24}{'per s':>11}{'CPU µs':>11}{'per s':>11}{'CPU µs':>11}{'ratio':>9}{'ratio':>9}")
    for name in ours:
        if name in ("memory", "recovery"):
            continue
        a, b = ours[name], theirs[name]
        rates = median(a, "tps"), median(b, "tps")
        costs = median(a, "cpu"), median(b, "cpu")
        print(f"{name:24}{rates[0]:11.0f}{costs[0]:11.1f}{rates[1]:11.0f}{costs[1]:11.1f}"
              f"{rates[0] / rates[1]:9.2f}{costs[1] / costs[0]:9.2f}")
    print(f"memory, bytes per row   {ours['memory']:22.0f}{theirs['memory']:22.0f}")
    print(f"restart after kill, s   {ours['recovery']:22.2f}{theirs['recovery']:22.2f}")


if __name__ == "__main__":
    main()
