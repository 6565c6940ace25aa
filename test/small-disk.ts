import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of a size of its own, in memory, that can be filled up. */
export interface SmallDisk {
  dir: string;
  freeBytes(): number;
  /** Fills it until about `leave` bytes are free. */
  fill(leave: number): void;
  /** Frees some of what `fill` took last. */
  free(bytes: number): void;
  /** Frees what `fill` took. */
  empty(): void;
  remove(): void;
}

/** Mounts one; null where this system does not let us (it takes Linux and root). */
export function mountSmallDisk(megabytes: number): SmallDisk | null {
  const dir = mkdtempSync(join(tmpdir(), 'throughline-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', dir], { stdio: 'ignore' });
  } catch {
    rmSync(dir, { recursive: true, force: true });
    return null;
  }
  const ballast: string[] = [];
  const freeBytes = () => {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize;
  };
  return {
    dir,
    freeBytes,
    fill(leave) {
      const bytes = freeBytes() - leave;
      if (bytes <= 0) return;
      const file = join(dir, `ballast-${ballast.length}`);
      ballast.push(file);
      try {
        writeFileSync(file, Buffer.alloc(bytes));
      } catch (error) {
        // Somebody else was quicker.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    },
    free(bytes) {
      const last = ballast.at(-1);
      if (last) truncateSync(last, Math.max(0, statSync(last).size - bytes));
    },
    empty() {
      for (const file of ballast.splice(0)) rmSync(file, { force: true });
    },
    remove() {
      execFileSync('umount', ['--lazy', dir], { stdio: 'ignore' });
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
