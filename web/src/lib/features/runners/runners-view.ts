import type { Runner } from '#lib/api/contract.ts';
import type { Tone } from '#lib/features/executions/standing.ts';

export interface Pool {
  readonly name: string;
  readonly runners: readonly Runner[];
  readonly busy: number;
  readonly slots: number;
}

/** By pool; the default pool first. Slots of runners that are away do not count. */
export function pools(runners: readonly Runner[]): readonly Pool[] {
  const names = [...new Set(runners.map(({ pool }) => pool))].sort(
    (one, other) => Number(other === 'default') - Number(one === 'default') || one.localeCompare(other),
  );
  return names.map((name) => {
    const members = runners
      .filter(({ pool }) => pool === name)
      .sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name));
    const present = members.filter(({ status }) => status !== 'Offline');
    return {
      name,
      runners: members,
      busy: sum(present.map(({ busy }) => busy)),
      slots: sum(present.map(({ slots }) => slots)),
    };
  });
}

export function matchesRunner({ name, pool, labels, os, arch }: Runner, filter: string): boolean {
  const text = [name, pool, os, arch, ...labels].join(' ').toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

export function runnerTone(status: Runner['status']): Tone {
  const tones: Readonly<Record<Runner['status'], Tone>> = {
    Idle: 'ok',
    Busy: 'run',
    Draining: 'ask',
    Offline: 'idle',
  };
  return tones[status];
}

function rank({ status }: Runner): number {
  return ['Busy', 'Idle', 'Draining', 'Offline'].indexOf(status);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
