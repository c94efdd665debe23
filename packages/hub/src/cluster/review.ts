/** Whose a token is and who may what, remembered for a minute. */
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { Problem } from '../api/problem.ts';
import { Seldom } from '../seldom.ts';
import { reviewFailure } from './review-failure.ts';

/** How long an answer counts: a right that was taken away ends within this. */
export const REVIEW_MS = 60_000;
/** A token nobody knows is asked about again after this: it costs the API server a request each time. */
const UNKNOWN_MS = 10_000;
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

export class Reviews {
  readonly caps = { reviews: 0 };
  /** Questions that were not answered. */
  failures = 0;
  private readonly tokens: Remembered<Account | null>;
  private readonly rights: Remembered<boolean>;
  private readonly authority: Authority;
  private readonly log: Seldom;
  private readonly problems = new Map<keyof typeof QUESTIONS, { words: string; until: number }>();

  /** `most`: answers of each kind that are remembered. */
  constructor(authority: Authority, most: number, log: Logger) {
    this.authority = authority;
    this.log = new Seldom(log);
    const onForgotten = () => this.caps.reviews++;
    this.tokens = new Remembered(most, onForgotten);
    this.rights = new Remembered(most, onForgotten);
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
    return await this.tokens.get(
      token,
      (account) => (account ? REVIEW_MS : UNKNOWN_MS),
      () => this.answered('account', () => this.authority.account(token)),
    );
  }

  async may(account: Account, right: Right): Promise<boolean> {
    const key = JSON.stringify([account.name, account.uid, account.groups, account.extra, right]);
    return await this.rights.get(
      key,
      () => REVIEW_MS,
      () => this.answered('may', () => this.authority.may(account, right)),
    );
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

  get(question: string, life: (answer: T) => number, ask: () => Promise<T>): Promise<T> {
    const key = createHash('sha256').update(question).digest('base64');
    const known = this.answers.get(key);
    if (known && performance.now() < known.until) return known.answer;
    const entry = { answer: ask(), until: Number.POSITIVE_INFINITY };
    this.answers.delete(key);
    this.answers.set(key, entry);
    if (this.answers.size > this.most) this.forgetOldest();
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

  private forgetOldest(): void {
    const [key, { until }] = this.answers.entries().next().value!;
    this.answers.delete(key);
    if (performance.now() < until) this.onForgotten();
  }
}
