/** Which pods are captured: seen, tried out, and changed. */
import { type ApiError, formatCount, formatCounted, type Targets } from '@kubeshark/model';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { Dialog } from '../components/dialog.tsx';
import { WithCode } from '../components/with-code.tsx';
import { ApiProblem, fetchTargets, previewTargets, putTargets } from '../connection/api.ts';
import type { Traffic } from '../traffic.ts';
import { type Draft, draftOf, EVERY_POD, ruleOf } from './draft.ts';
import { Namespaces } from './namespaces.tsx';
import { SelectedPods } from './selected-pods.tsx';
import './targets.css';
import { TextField } from './text-field.tsx';
import { usePreview } from './use-preview.ts';

interface Known {
  targets: Targets;
  /** Pods that could be captured, by namespace. */
  counts: ReadonlyMap<string, number>;
}

export function TargetDialog({ traffic, onClose }: { traffic: Traffic; onClose(this: void): void }) {
  const [known, setKnown] = useState<Known | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  useEffect(() => {
    const { signal, abort } = controller();
    Promise.all([fetchTargets(signal), previewTargets(EVERY_POD, signal)]).then(
      ([targets, { pods }]) => {
        const counts = new Map<string, number>();
        for (const { namespace } of pods) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
        setKnown({ targets, counts });
      },
      (error: unknown) => error instanceof ApiProblem && setProblem(error.error),
    );
    return abort;
  }, []);
  return (
    <Dialog title="Which pods are captured" className="target-dialog" onClose={onClose}>
      {problem && <Problem error={problem} />}
      {known && <Editor {...known} traffic={traffic} onClose={onClose} />}
    </Dialog>
  );
}

function controller() {
  const abort = new AbortController();
  return { signal: abort.signal, abort: () => abort.abort() };
}

function Editor({
  targets,
  counts,
  traffic,
  onClose,
}: Known & { traffic: Traffic; onClose(this: void): void }) {
  const restrictedTo = useStore(traffic.state, ({ status }) => status?.restrictedTo ?? null);
  const [draft, setDraft] = useState<Draft>(() => draftOf(targets.rule));
  const [sending, setSending] = useState(false);
  const [refusal, setRefusal] = useState<ApiError | null>(null);
  const rule = ruleOf(draft);
  const preview = usePreview(rule);
  const change = (changed: Partial<Draft>) => setDraft((before) => ({ ...before, ...changed }));
  const whyNot = reasonNotTo(targets.mayChange, restrictedTo);
  const changed = JSON.stringify(rule) !== JSON.stringify(ruleOf(draftOf(targets.rule)));
  const errorOf = (code: string) => (preview.error?.code === code ? preview.error.message : undefined);
  const atField = preview.error?.code === 'bad_pods' || preview.error?.code === 'bad_selector';
  const apply = async () => {
    if (!rule) return;
    setSending(true);
    try {
      await putTargets(rule);
      onClose();
    } catch (error) {
      if (error instanceof ApiProblem) setRefusal(error.error);
      setSending(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void apply();
      }}
    >
      <div className="target-columns">
        <fieldset disabled={whyNot !== null} className="target-rule">
          <legend className="sr-only">Rule</legend>
          <Namespaces draft={draft} known={targets.namespaces} counts={counts} onChange={setDraft} />
          <TextField
            label="Pod name"
            hint="Regular expression (RE2), found anywhere in the name. Empty: all."
            example="for example ^cart-"
            value={draft.pods}
            error={errorOf('bad_pods')}
            onChange={(pods) => change({ pods })}
          />
          <TextField
            label="Labels"
            hint="As kubectl reads them. Empty: all."
            example="for example app=cart,tier in (front, back)"
            value={draft.selector}
            error={errorOf('bad_selector')}
            onChange={(selector) => change({ selector })}
          />
        </fieldset>
        <SelectedPods preview={preview} none={rule === null} />
      </div>
      {whyNot !== null && (
        <p className="target-note">
          <WithCode text={whyNot} />
        </p>
      )}
      {(refusal ?? (atField ? null : preview.error)) && <Problem error={(refusal ?? preview.error)!} />}
      <footer>
        <span className="dim grow">
          kubeshark’s own pods are never captured. Pods that come later and fit are captured too.
        </span>
        <button type="button" className="btn" onClick={onClose}>
          {whyNot === null ? 'Cancel' : 'Close'}
        </button>
        {whyNot === null && (
          <button
            type="submit"
            className="btn primary"
            disabled={!changed || rule === null || preview.error !== null || sending}
            title={changed ? undefined : 'Nothing has been changed'}
          >
            {applyWords(preview.pending || !preview.targets ? null : preview.targets.pods.length, changed)}
          </button>
        )}
      </footer>
    </form>
  );
}

function applyWords(pods: number | null, changed: boolean): string {
  return pods === null || !changed ? 'Apply' : `Capture ${formatCounted(pods, 'pod')}`;
}

/** null: they may. */
function reasonNotTo(mayChange: boolean, restrictedTo: readonly string[] | null): string | null {
  if (!mayChange)
    return 'You may look, not change: it takes the right to update the ConfigMap kubeshark-targets in the namespace of kubeshark. `kubeshark deploy` changes the targets too.';
  if (restrictedTo !== null)
    return `You may look, not change: the rule is for all namespaces, and you see ${formatCount(restrictedTo.length)} of them.`;
  return null;
}

function Problem({ error: { message, hint } }: { error: ApiError }) {
  return (
    <p className="target-note o-server_error" role="alert">
      {message} {hint}
    </p>
  );
}
