// Puts what is needed to run the service into dist/, and tells the pipeline which version that is.
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const { name, version, type } = JSON.parse(readFileSync('package.json', 'utf8'));
rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');
cpSync('src', 'dist/src', { recursive: true });
cpSync('scripts/deploy.sh', 'dist/deploy.sh');
writeFileSync('dist/package.json', `${JSON.stringify({ name, version, type, private: true }, null, 2)}\n`);
if (process.env.MILLRACE_OUTPUT) appendFileSync(process.env.MILLRACE_OUTPUT, `VERSION=${version}\n`);
console.log(`built ${name} ${version}`);
