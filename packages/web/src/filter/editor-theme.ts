/** How the editor and its completion look: values from the tokens, which reach into the editor's own root. */
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { OUTCOMES } from '@kubeshark/model';

const COLOURS = {
  field: 'field',
  string: 'string',
  number: 'number',
  keyword: 'keyword',
  function: 'func',
  punctuation: 'punct',
  error: 'error',
};

const words = Object.fromEntries(
  Object.entries(COLOURS).map(([kind, token]) => [`.k-${kind}`, { color: `var(--syn-${token})` }]),
);
const outcomes = Object.fromEntries(
  OUTCOMES.map((outcome) => [`.o-${outcome}`, { color: `var(--outcome-${outcome.replace('_', '-')})` }]),
);

const LIST = '.cm-tooltip.cm-tooltip-autocomplete';

export const theme: Extension = EditorView.theme({
  '&': { color: 'var(--text-1)', fontSize: '12.5px', flex: '1', minWidth: '0' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: 'var(--font-data)',
    lineHeight: '24px',
    overflowX: 'auto',
    overflowY: 'hidden',
    scrollbarWidth: 'none',
  },
  '.cm-content': { padding: '0', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0 4px 0 0' },
  '.cm-placeholder': { color: 'var(--text-3)' },
  '.cm-content ::selection, .cm-line::selection': { backgroundColor: 'var(--surface-selected)' },
  '.k-mistake': {
    textDecoration: 'underline wavy var(--outcome-server-error) 1px',
    textUnderlineOffset: '4px',
  },
  ...words,
  ...outcomes,
  '.cm-tooltip': { border: '0', backgroundColor: 'transparent', zIndex: 'var(--z-popover)' },
  [LIST]: {
    marginTop: '12px',
    borderRadius: 'var(--radius-3)',
    backgroundColor: 'var(--surface-overlay)',
    boxShadow: 'var(--shadow-overlay)',
    overflow: 'hidden',
    fontSize: 'var(--text-sm)',
    color: 'var(--text-1)',
  },
  [`${LIST} > ul`]: {
    fontFamily: 'var(--font-data)',
    minWidth: '304px',
    maxWidth: 'min(560px, 92vw)',
    maxHeight: '292px',
    scrollbarWidth: 'thin',
    scrollbarColor: 'var(--scrollbar) transparent',
  },
  [`${LIST} > ul > li`]: {
    display: 'flex',
    alignItems: 'center',
    gap: '8px',
    height: '26px',
    padding: '0 10px',
    lineHeight: '18px',
    cursor: 'default',
  },
  [`${LIST} > ul > li[aria-selected]`]: {
    backgroundColor: 'var(--surface-selected)',
    color: 'var(--text-1)',
  },
  [`${LIST} > ul > li:hover:not([aria-selected])`]: { backgroundColor: 'var(--surface-3)' },
  [`${LIST} > ul > completion-section`]: {
    display: 'block',
    padding: '7px 10px 5px',
    border: '0',
    opacity: '1',
    color: 'var(--text-3)',
    font: 'var(--text-xs) / var(--leading-xs) var(--font-ui)',
  },
  'completion-section code': { fontFamily: 'var(--font-data)', fontSize: 'var(--text-sm)' },
  '.cm-completionLabel': { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'pre' },
  '.offer-field .cm-completionLabel': { color: 'var(--syn-field)', flex: 'none' },
  '.offer-value .cm-completionLabel, .offer-key .cm-completionLabel': { color: 'var(--syn-string)' },
  '.offer-function .cm-completionLabel': { color: 'var(--syn-func)', flex: 'none' },
  '.cm-completionDetail': {
    marginLeft: 'auto',
    paddingLeft: '12px',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    color: 'var(--text-3)',
    fontFamily: 'var(--font-ui)',
    fontStyle: 'normal',
    fontVariantNumeric: 'tabular-nums',
  },
  'li[aria-selected] .cm-completionDetail': { color: 'var(--text-2)' },
  // A count is never cut: the value is.
  '.offer-value .cm-completionDetail, .offer-key .cm-completionDetail': { flex: 'none' },
  [`${LIST}::after`]: {
    content: '"Counts in range, rest of filter applied · Tab takes"',
    display: 'block',
    padding: '5px 10px',
    borderTop: '1px solid var(--border-1)',
    backgroundColor: 'var(--surface-2)',
    color: 'var(--text-3)',
    font: 'var(--text-xs) / var(--leading-xs) var(--font-ui)',
  },
  [`${LIST}:not(:has(completion-section))::after`]: { content: '"Tab takes · Enter applies the filter"' },
  '@media (forced-colors: active)': {
    [LIST]: { border: '1px solid' },
    [`${LIST} > ul > li[aria-selected]`]: {
      backgroundColor: 'Highlight',
      color: 'HighlightText',
      forcedColorAdjust: 'none',
    },
    [`${LIST} > ul > li[aria-selected] > *`]: { color: 'inherit' },
  },
});
