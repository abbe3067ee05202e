// The Nodes that backends run with: the one that runs the tests, and from npm a line that is old and the current one,
// where npm has them for this machine.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MODULES = path.join(path.dirname(fileURLToPath(import.meta.url)), '../e2e/node_modules');
const programs = ['node18', 'node-current'].map((name) => path.join(MODULES, name, 'bin/node')).filter(existsSync);

/** [{ program, version }], oldest first. */
export const NODES = [process.execPath, ...programs]
  .map((program) => ({ program, version: spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.trim() }))
  .filter(({ version }) => version)
  .sort((a, b) => Number(a.version.slice(1, 3)) - Number(b.version.slice(1, 3)));
