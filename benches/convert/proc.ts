import { readFileSync, readlinkSync, realpathSync } from 'node:fs';

/*
 * What Linux says of processes, in /proc: https://man7.org/linux/man-pages/man5/proc.5.html
 */

const TICKS_PER_SECOND = 100;
const BYTES_PER_KIB = 1_024;
const LOOK_EVERY_MS = 20;

/** What all ended children of this process have used of processors, to 10 ms. */
export function childrenCpuMs(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // The name is in parentheses and may hold anything; what follows it are fields 3 and up.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks, systemTicks] = [fields[16 - 3], fields[17 - 3]];
  return ((Number(userTicks) + Number(systemTicks)) * 1_000) / TICKS_PER_SECOND;
}

/** The most memory that a process has had so far; 0 when it is gone. */
export function peakMemoryBytes(pid: number | 'self'): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0;
  return Number(kib) * BYTES_PER_KIB;
}

/**
 * Looks again and again how much memory a program takes that runs in the process or below it, all
 * its processes of one moment together. `stop` returns the most that was seen.
 */
export function watchMemory(rootPid: number, program: string): { stop(): number } {
  const executable = realpathSync(program);
  let peakBytes = 0;
  const look = () => {
    const sizes = tree(rootPid)
      .filter((pid) => executableOf(pid) === executable)
      .map(peakMemoryBytes);
    peakBytes = Math.max(
      peakBytes,
      sizes.reduce((sum, bytes) => sum + bytes, 0),
    );
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return peakBytes;
    },
  };
}

/** Node and ffmpeg start their children in their first thread. */
function tree(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean);
  return [pid, ...children.flatMap((child) => tree(Number(child)))];
}

/** A child that has not yet become another program still shows its parent's memory. */
function executableOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

/** A process may be gone at any time. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
