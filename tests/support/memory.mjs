// How much memory a process holds, of /proc/PID/smaps_rollup, and by how much it grows while something is done to it.
import { readFileSync } from 'node:fs';

const LOOK_AGAIN = 10; // ms

/** Bytes of `pid` that are in memory. */
export function resident(pid) {
  const kib = /^Rss: +(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'));
  return Number(kib[1]) * 1024;
}

/** Runs `job`; the most bytes that `pid` held meanwhile above what it held before. */
export async function growth(pid, job) {
  const before = resident(pid);
  let most = before;
  const look = () => (most = Math.max(most, resident(pid)));
  const looks = setInterval(look, LOOK_AGAIN);
  try {
    await job();
    look();
  } finally {
    clearInterval(looks);
  }
  return most - before;
}

/** Bytes of `pid` that are in memory and of no file: what it has allocated and not given back. */
export function allocated(pid) {
  const kib = /^Anonymous: +(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'));
  return Number(kib[1]) * 1024;
}

/** A sanitizer keeps what is freed, and has terabytes of addresses for its shadow. */
export function isSanitized(pid) {
  return Number(/^VmSize:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))[1]) > 2 ** 30;
}
