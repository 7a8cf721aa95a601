import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { EVENT_VERSION } from '../../worker/engine/upcast.ts';
import { folderOf } from './event-log.ts';
import { stories } from './event-log-stories.ts';

/**
 * `npm run record`: writes down the event logs of today's version that are not there yet. What is there was stored by a version that
 * somebody may be running, so it is never written again; a story that should be told otherwise gets a new name.
 */
const folder = folderOf(EVENT_VERSION);
mkdirSync(folder, { recursive: true });
for (const [story, tell] of Object.entries(stories)) {
  const file = new URL(`${story}.json`, folder);
  if (existsSync(file)) continue;
  writeFileSync(file, `${JSON.stringify(tell().log(story), null, 1)}\n`);
  console.log(`recorded v${EVENT_VERSION}/${story}`);
}
