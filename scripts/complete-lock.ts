import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Adds to package-lock.json the binaries for other platforms that npm leaves out where it cannot fetch their
 * descriptions, so that `npm ci` takes the lock file everywhere. Run it after a change of dependencies.
 */
interface Entry {
  version?: string;
  optionalDependencies?: Record<string, string>;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optional?: boolean;
  dev?: boolean;
}
const SYSTEMS = ['android', 'darwin', 'linux', 'win32', 'freebsd', 'openbsd'];
const PROCESSORS = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 's390x', 'riscv64'];

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };
for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const words = name.split(/[-/]/);
    const os = words.find((word) => SYSTEMS.includes(word));
    const cpu = words.find((word) => PROCESSORS.includes(word));
    const path = `node_modules/${name}`;
    if (!os || !cpu || path in lock.packages || !/^\d/.test(version)) continue;
    const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') ? ['glibc'] : undefined;
    lock.packages[path] = {
      version,
      cpu: [cpu],
      ...(parent.dev && { dev: true }),
      ...(libc && { libc }),
      optional: true,
      os: [os],
    };
    console.log(`added ${name} ${version}`);
  }
}
const root = lock.packages[''];
const sorted = Object.entries(lock.packages).filter(([path]) => path !== '');
sorted.sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = { '': root!, ...Object.fromEntries(sorted) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
