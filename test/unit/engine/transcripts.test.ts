import { describe, expect, it } from 'vitest';
import { stories } from '../../support/event-log-stories.ts';
import { transcript } from '../../support/transcript.ts';

/** What the stories look like from outside. A change here is one that people and programs see: read it, then `vitest --update`. */
describe.each(Object.entries(stories))('the story %s', (story, tell) => {
  it('is seen as it was', async () => {
    const { turns } = tell().log(story);
    await expect(transcript(turns)).toMatchFileSnapshot(`../../fixtures/transcripts/${story}.txt`);
  });
});
