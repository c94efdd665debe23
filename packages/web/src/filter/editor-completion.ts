/** Completion in the editor: the language's words, then values from the traffic that `&&`-ed conditions leave. */
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  pickedCompletion,
} from '@codemirror/autocomplete';
import type { Extension } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { complete } from '@kubeshark/kfl';
import { type Field, OUTCOMES, type Outcome } from '@kubeshark/model';
import type { Range } from '../connection/api.ts';
import { judged } from './editor-marks.ts';
import type { LoadValues } from './field-values.ts';
import { glyphNode } from './glyph-node.ts';
import { fieldOf, goingOn, type Offer, offersOf, searchOffer } from './offers.ts';
import { restOfFilter } from './rest-of-filter.ts';

/** So long completion waits for the hub's counts before it shows what it knows itself, ms. */
const PATIENCE = 600;

export interface Traffic {
  load: LoadValues;
  /** The range in force. */
  within: () => Range;
}

export function completion(traffic: Traffic): Extension {
  return autocompletion({
    override: [(context) => offer(context, traffic)],
    activateOnTypingDelay: 30,
    interactionDelay: 0,
    defaultKeymap: false,
    icons: false,
    maxRenderedOptions: 60,
    // A field is followed by an operator, an operator by a value: the next list opens at once.
    activateOnCompletion: (option) => kindOf(option) !== 'value' && kindOf(option) !== 'search',
    optionClass: (option) => `offer-${kindOf(option)}`,
    addToOptions: [{ render: renderGlyph, position: 20 }],
  });
}

async function offer(context: CompletionContext, traffic: Traffic): Promise<CompletionResult | null> {
  const text = context.state.doc.toString();
  const completion = complete(text, context.pos);
  const [from, to] = completion.range;
  const field = fieldOf(completion);
  const counted = field ? await counts(context, traffic, field, completion.typed, text) : null;
  if (context.aborted) return null;
  const look = searchOffer(context.state.field(judged).draft);
  const offers = goingOn(offersOf(completion, counted), text.slice(from, to));
  if (offers.length === 0 && !look) return null;
  const section = field && { name: field.name, rank: 0, header: () => heading(field) };
  const options = offers.map((each) => option(each, (view, end) => replace(view, each, from, end), section));
  if (look) options.push(option(look, (view) => replace(view, look, 0, view.state.doc.length), undefined));
  return { from, to: Math.max(to, context.pos), options, filter: false };
}

async function counts(
  context: CompletionContext,
  { load, within }: Traffic,
  field: Field,
  typed: string,
  text: string,
): Promise<Awaited<ReturnType<LoadValues>>> {
  const abort = new AbortController();
  context.addEventListener('abort', () => abort.abort(), { onDocChange: true });
  const filter = restOfFilter(text, context.pos);
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE));
  return Promise.race([load(field.name, filter, within(), typed, abort.signal), late]);
}

/** A completion that remembers what it offers. */
interface OfferCompletion extends Completion {
  offer: Offer;
  field: string | undefined;
}

function option(
  offer: Offer,
  apply: (view: EditorView, end: number) => void,
  section: { name: string; rank: number; header: () => HTMLElement } | undefined,
): Completion {
  const completion: OfferCompletion = {
    label: offer.label,
    detail: offer.detail,
    apply: (view, _completion, _from, end) => apply(view, end),
    ...(section && { section }),
    offer,
    field: section?.name,
  };
  return completion;
}

function replace(view: EditorView, offer: Offer, from: number, to: number): void {
  view.dispatch({
    changes: { from, to, insert: offer.insert },
    selection: { anchor: from + offer.insert.length },
    annotations: pickedCompletion.of({ label: offer.label, type: offer.kind }),
    userEvent: 'input.complete',
    scrollIntoView: true,
  });
}

function kindOf(completion: Completion): string {
  return (completion as Partial<OfferCompletion>).offer?.kind ?? completion.type ?? '';
}

function renderGlyph(completion: Completion): Node | null {
  const { field, offer } = completion as OfferCompletion;
  return field === 'outcome' && isOutcome(offer.value) ? glyphNode(offer.value) : null;
}

function isOutcome(value: string | undefined): value is Outcome {
  return (OUTCOMES as readonly string[]).includes(value ?? '');
}

/** What the list is of, and what its numbers count. */
function heading({ name, doc }: Field): HTMLElement {
  const head = document.createElement('completion-section');
  const field = document.createElement('code');
  field.className = 'k-field';
  field.textContent = name;
  head.append(field, ` ${doc}`);
  return head;
}
