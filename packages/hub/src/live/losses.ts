/** What is missing in a stretch of time: stored, or held with its batch. */
import type { Access, Loss } from '@kubeshark/model';
import { projectLosses } from '../access.ts';
import type { LiveCaps } from './caps.ts';
import type { ListingSource } from './listing.ts';

const SECOND = 1_000_000;

/** `from`, `to`: µs since the epoch. At most `limit`. */
export async function lossesBetween(
  { store, intake, limits, caps }: ListingSource,
  from: number,
  to: number,
  access: Access,
): Promise<Loss[]> {
  // Held ones first: one that is stored meanwhile is found twice, never not at all.
  const held = intake.held
    .flatMap((batch) => batch.losses)
    .filter((loss) => loss.from < to && loss.to >= from);
  const all = projectLosses([...(await store.losses(from, to, access)), ...held], access);
  const once = new Map(all.map((loss) => [JSON.stringify(loss), loss]));
  return joinedLosses([...once.values()], limits.losses, caps);
}

/** Losses that are too many to be told one by one, joined over gaps that grow until there are few enough. */
export function joinedLosses(losses: readonly Loss[], limit: number, caps: Pick<LiveCaps, 'losses'>): Loss[] {
  let joined = [...losses];
  if (joined.length > limit) caps.losses++;
  for (let gap = SECOND; joined.length > limit && gap < Number.MAX_SAFE_INTEGER; gap *= 4)
    joined = joinedOver(joined, gap);
  if (joined.length <= limit) return joined;
  // More places than may be told: of each cause how much there is, and not where.
  return joinedOver(
    joined.map((loss) => ({ ...loss, worker: '', place: '' })),
    Number.MAX_SAFE_INTEGER,
  );
}

function joinedOver(losses: readonly Loss[], gap: number): Loss[] {
  const joined: Loss[] = [];
  const last = new Map<string, Loss>();
  for (const loss of losses.toSorted((a, b) => a.from - b.from)) {
    const kind = JSON.stringify([loss.worker, loss.place, loss.cause]);
    const before = last.get(kind);
    if (before && loss.from <= before.to + gap) {
      before.to = Math.max(before.to, loss.to);
      before.count += loss.count;
      continue;
    }
    const own = { ...loss };
    last.set(kind, own);
    joined.push(own);
  }
  return joined;
}
