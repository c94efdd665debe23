/** Whose a token is and who may what, remembered for a minute. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import type { Logger } from 'pino';
import { Problem } from '../api/problem.ts';
import { Seldom } from '../seldom.ts';
import type { HubLimits } from '../settings.ts';
import { reviewFailure } from './review-failure.ts';
import { Turns } from './turns.ts';

/** How long an answer counts: a right that was taken away ends within this. */
export const REVIEW_MS = 60_000;
/** A token nobody knows is asked about again after this: it costs the API server a request each time. */
const UNKNOWN_MS = 10_000;
/** Tokens that were never good before, asked about at once: anybody can make up as many as they like. */
const NEW_AT_ONCE = 10;
/** One that is refused keeps its turn for so long: no more than 200 a second reach the API server, however fast it refuses. */
const REFUSED_MS = 50;
/** A failure is told of for so long: every list that is open asks once a minute. */
const PROBLEM_MS = 2 * REVIEW_MS;

/** By so much clocks of others may differ from the hub's: a token counts from the second in which it is made. */
export const SKEW_SECONDS = 30;

/** Somebody the API server knows. */
export interface Account {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

export interface Right {
  verb: string;
  resource: string;
  subresource?: string;
  group?: string;
  name?: string;
  /** '' asks for all namespaces. */
  namespace: string;
}

/** Who says so. */
export interface Authority {
  /** Requests made to the API server. */
  readonly asked: number;
  /** Whose token it is; null: nobody's, or not for this audience. Rejects when the API server does not answer. */
  account(token: string): Promise<Account | null>;
  may(account: Account, right: Right): Promise<boolean>;
}

const QUESTIONS = {
  account: {
    what: 'nobody new is let in',
    hint: 'May the hub create tokenreviews? Without rights of the cluster: read /openid/v1/jwks?',
  },
  may: {
    what: 'what users may see is not known',
    hint: 'May the hub create subjectaccessreviews? Without rights of the cluster: localsubjectaccessreviews in each namespace?',
  },
} as const;

type ReviewLimits = Pick<HubLimits, 'reviews' | 'newTokens' | 'clusterReviewMs'>;

export class Reviews {
  readonly caps = { reviews: 0, newTokens: 0 };
  /** Questions that were not answered. */
  failures = 0;
  /** Of tokens that were good when they were asked about first. The others cannot push them out. */
  private readonly known: Remembered<Account | null>;
  /** Being asked about for the first time, and those that were refused. */
  private readonly strangers: Remembered<Account | null>;
  private readonly turns = new Turns(NEW_AT_ONCE);
  private readonly rights: Remembered<boolean>;
  private readonly authority: Authority;
  private readonly limits: ReviewLimits;
  private readonly log: Seldom;
  private readonly problems = new Map<keyof typeof QUESTIONS, { words: string; until: number }>();

  constructor(authority: Authority, limits: ReviewLimits, log: Logger) {
    this.authority = authority;
    this.limits = limits;
    this.log = new Seldom(log);
    const remembered = <T>() => new Remembered<T>(limits.reviews, () => this.caps.reviews++);
    this.known = remembered();
    this.strangers = remembered();
    this.rights = remembered();
  }

  get asked(): number {
    return this.authority.asked;
  }

  /** Why people are turned away now; '' when the last questions were answered, or nobody has asked for a while. */
  get problem(): string {
    const now = performance.now();
    return [...this.problems.values()].flatMap(({ words, until }) => (now < until ? words : [])).join('; ');
  }

  /** Rejects with `Problem` 503 when the API server does not answer; so does `may`. */
  async account(token: string): Promise<Account | null> {
    if (!isJwt(token)) return null;
    const ask = () => this.answered('account', () => this.authority.account(token));
    if (this.known.has(token))
      return await this.known.get(token, (account) => (account ? REVIEW_MS : UNKNOWN_MS), ask);
    const account = await this.strangers.get(
      token,
      (stranger) => (stranger ? 0 : UNKNOWN_MS),
      () => this.inTurn(ask),
    );
    if (account) this.known.put(token, account, REVIEW_MS);
    return account;
  }

  async may(account: Account, right: Right): Promise<boolean> {
    const key = JSON.stringify([account.name, account.uid, account.groups, account.extra, right]);
    return await this.rights.get(
      key,
      () => REVIEW_MS,
      () => this.answered('may', () => this.authority.may(account, right)),
    );
  }

  /** About a token that was never good before. Who has waited for so long that the API server seems away waits no longer. */
  private async inTurn(ask: () => Promise<Account | null>): Promise<Account | null> {
    if (this.turns.waiting >= this.limits.newTokens) throw this.tooMany();
    const since = performance.now();
    return await this.turns.take(async () => {
      if (performance.now() - since > this.limits.clusterReviewMs) throw this.tooMany();
      const account = await ask();
      if (account === null) await sleep(REFUSED_MS);
      return account;
    });
  }

  private tooMany(): Problem {
    this.caps.newTokens++;
    return new Problem(503, {
      code: 'busy',
      message: 'Too many whom the hub does not know yet ask at once.',
      hint: 'Try again in a moment.',
    });
  }

  /** What the API server does not answer is no "no". */
  private async answered<T>(question: keyof typeof QUESTIONS, ask: () => Promise<T>): Promise<T> {
    try {
      const answer = await ask();
      this.problems.delete(question);
      return answer;
    } catch (error) {
      const { what, hint } = QUESTIONS[question];
      const { forbidden, brief, cause } = reviewFailure(error);
      const words = `${what}: the API server ${brief}`;
      this.failures++;
      this.problems.set(question, { words, until: performance.now() + PROBLEM_MS });
      this.log.warn(cause, words);
      throw new Problem(503, {
        code: 'api_server_away',
        message: `The cluster’s API server does not say who you are: it ${brief}.`,
        hint: `${forbidden ? hint : 'Try again in a moment.'} The hub’s log says more.`,
      });
    }
  }
}

/** Nothing else is for one audience alone. */
function isJwt(token: string): boolean {
  try {
    decodeJwt(token);
    return true;
  } catch {
    return false;
  }
}

/** Answers by question; one request at a time for each. What failed is asked again. */
class Remembered<T> {
  /** By digest: a question may be long, and is a secret when it is a token. */
  private readonly answers = new Map<string, { answer: Promise<T>; until: number }>();
  private readonly most: number;
  private readonly onForgotten: () => void;

  constructor(most: number, onForgotten: () => void) {
    this.most = most;
    this.onForgotten = onForgotten;
  }

  /** It was asked before; how it was answered may be forgotten by now. */
  has(question: string): boolean {
    return this.answers.has(digest(question));
  }

  get(question: string, life: (answer: T) => number, ask: () => Promise<T>): Promise<T> {
    const key = digest(question);
    const known = this.answers.get(key);
    if (known && performance.now() < known.until) return known.answer;
    const entry = { answer: ask(), until: Number.POSITIVE_INFINITY };
    this.keep(key, entry);
    entry.answer.then(
      (answer) => {
        entry.until = performance.now() + life(answer);
      },
      () => {
        if (this.answers.get(key) === entry) this.answers.delete(key);
      },
    );
    return entry.answer;
  }

  /** What was answered elsewhere. */
  put(question: string, answer: T, ms: number): void {
    this.keep(digest(question), { answer: Promise.resolve(answer), until: performance.now() + ms });
  }

  private keep(key: string, entry: { answer: Promise<T>; until: number }): void {
    this.answers.delete(key);
    this.answers.set(key, entry);
    if (this.answers.size > this.most) this.forgetOldest();
  }

  private forgetOldest(): void {
    const [key, { until }] = this.answers.entries().next().value!;
    this.answers.delete(key);
    if (performance.now() < until) this.onForgotten();
  }
}

function digest(question: string): string {
  return createHash('sha256').update(question).digest('base64');
}
