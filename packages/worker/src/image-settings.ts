/** The settings file of the worker's image, as the chart writes it. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { compileCaptureFilter } from '@kubeshark/capture';
import type { RedactionRules } from '@kubeshark/dissect';
import { sizeIn } from '@kubeshark/model';
import { settingsIn } from '@kubeshark/model/schemas';
import { z } from 'zod';
import { parseDecodeAs } from './pipeline.ts';
import { DEFAULT_RULES } from './redaction.ts';

const checked = (parse: (text: string) => unknown) =>
  z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  });

const names = (rule: ReadonlySet<string>) =>
  z
    .array(z.string().min(1).max(256))
    .max(1_000)
    .default([...rule]);

/** Strict: a misspelt setting would silently be its default. */
export const ImageSettings = z.strictObject({
  hub: z.url({ protocol: /^https?$/ }),
  redact: z
    .strictObject({
      headers: names(DEFAULT_RULES.headers),
      queryParameters: names(DEFAULT_RULES.queryParameters),
      jsonFields: names(DEFAULT_RULES.jsonFields),
    })
    .prefault({}),
  /** In the language of capture filters; for every pod. */
  captureFilter: checked(compileCaptureFilter).default(''),
  /** `tcp:9999=http` */
  decodeAs: z.array(checked((rule) => parseDecodeAs([rule]))).default([]),
  /** Kept for the hub until it is stored, at most. */
  spoolSize: z
    .string()
    .refine((text) => sizeIn(text) !== null, 'is no size such as 128MB')
    .default('128MB'),
  tokenFile: z.string().min(1).default('/var/run/secrets/kubeshark/token'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export interface WorkerImageSettings {
  /** Name of the worker: its node. */
  node: string;
  hub: string;
  redaction: RedactionRules;
  captureFilter: string;
  decodeAs: ReadonlyMap<string, number>;
  spoolBytes: number;
  tokenFile: string;
  logLevel: z.infer<typeof ImageSettings>['logLevel'];
}

/** Throws words for whoever wrote the file. `env`: NODE_NAME is the pod's own. */
export function readImageSettings(file: string, env: NodeJS.ProcessEnv): WorkerImageSettings {
  const { redact, decodeAs, spoolSize, ...rest } = settingsIn(ImageSettings, file, (path) =>
    readFileSync(path, 'utf8'),
  );
  return {
    ...rest,
    node: env['NODE_NAME'] ?? hostname(),
    redaction: {
      headers: new Set(redact.headers.map((name) => name.toLowerCase())),
      queryParameters: new Set(redact.queryParameters),
      jsonFields: new Set(redact.jsonFields),
    },
    decodeAs: parseDecodeAs(decodeAs),
    spoolBytes: sizeIn(spoolSize)!,
  };
}
