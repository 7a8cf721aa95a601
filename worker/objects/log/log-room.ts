/** How much of a log its tenant still has room for. */
export interface LogRoom {
  /** Sets bytes aside before they are stored. `isLast`: no more will follow. False: there is no room for them. */
  take(bytes: number, isLast: boolean): Promise<boolean>;
}

/** A log that goes on sets more aside than it needs now, so that not every segment has to ask. */
const AHEAD_BYTES = 4 * 1024 * 1024;

export interface RoomParts {
  /** How many of the wanted bytes are granted; 0 if there is not even room for the least. */
  readonly reserve: (least: number, want: number) => Promise<number>;
  readonly giveBack: (bytes: number) => Promise<void>;
}

export function logRoom({ reserve, giveBack }: RoomParts): LogRoom {
  let ahead = 0;
  return {
    async take(bytes, isLast) {
      const missing = bytes - ahead;
      if (missing > 0) {
        const granted = await reserve(missing, isLast ? missing : Math.max(missing, AHEAD_BYTES));
        if (granted < missing) return false;
        ahead += granted;
      }
      ahead -= bytes;
      if (isLast && ahead > 0) {
        const left = ahead;
        ahead = 0;
        // What gets lost here is found when what is stored is counted again.
        await giveBack(left).catch(() => undefined);
      }
      return true;
    },
  };
}
