// A linter small enough to need no installation: syntax, line length, stray debugging and trailing spaces.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LINE_MAX = 110;
const problems = [];

for (const folder of ['src', 'test', 'scripts']) {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.js'))) {
    const file = join(folder, name);
    execFileSync(process.execPath, ['--check', file]);
    readFileSync(file, 'utf8')
      .split('\n')
      .forEach((line, index) => {
        const at = `${file}:${index + 1}`;
        if (line.length > LINE_MAX) problems.push(`${at} is longer than ${LINE_MAX} characters`);
        if (/\s+$/.test(line)) problems.push(`${at} ends in white space`);
        if (/^\s*debugger\b/.test(line)) problems.push(`${at} stops in the debugger`);
      });
    console.log(`\u001b[32m✓\u001b[0m ${file}`);
  }
}

for (const problem of problems) console.error(`\u001b[31m✗ ${problem}\u001b[0m`);
process.exitCode = problems.length === 0 ? 0 : 1;
