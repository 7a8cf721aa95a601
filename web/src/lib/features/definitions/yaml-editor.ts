import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  startCompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml, yamlLanguage } from '@codemirror/lang-yaml';
import {
  bracketMatching,
  foldGutter,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
  syntaxTree,
} from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { locate, spanInMessage } from './locate.ts';
import { proposals, type Proposal, type Schema } from './schema-completion.ts';
import { yamlContext } from './yaml-context.ts';

export interface Remark {
  readonly path: string;
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

export interface YamlEditorOptions {
  readonly parent: HTMLElement;
  readonly text: string;
  readonly label: string;
  readonly schema: () => Schema | undefined;
  readonly onChange: (text: string) => void;
  readonly onSave: () => void;
}

/** The editor of a definition. A module of its own, so that only the page that edits loads it. */
export class YamlEditor {
  readonly #view: EditorView;

  constructor({ parent, text, label, schema, onChange, onSave }: YamlEditorOptions) {
    // In a shadow root its styles are adopted sheets; in the document they would be a style element, which the policy refuses.
    const root = parent.shadowRoot ?? parent.attachShadow({ mode: 'open' });
    this.#view = new EditorView({
      parent: root,
      root,
      state: EditorState.create({
        doc: text,
        extensions: [
          lineNumbers(),
          foldGutter(),
          lintGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          highlightActiveLine(),
          yaml(),
          syntaxHighlighting(colours),
          autocompletion({ icons: false }),
          yamlLanguage.data.of({ autocomplete: (context: CompletionContext) => complete(context, schema()) }),
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) onChange(update.state.doc.toString());
          }),
          // Escape, then Tab, leaves the editor: nobody is caught in it.
          keymap.of([
            { key: 'Mod-s', preventDefault: true, run: () => (onSave(), true) },
            ...closeBracketsKeymap,
            ...completionKeymap,
            ...lintKeymap,
            ...historyKeymap,
            ...defaultKeymap,
            indentWithTab,
          ]),
          looks,
        ],
      }),
    });
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  setText(text: string): void {
    this.#view.dispatch({ changes: { from: 0, to: this.#view.state.doc.length, insert: text } });
  }

  show(remarks: readonly Remark[]): void {
    const { state } = this.#view;
    const text = state.doc.toString();
    const tree = yamlLanguage.parser.parse(text);
    const diagnostics = remarks.map(({ path, message, severity }): Diagnostic => {
      const span = (path === '' ? spanInMessage(text, message) : undefined) ?? locate(tree, text, path);
      return { ...span, message: path === '' ? message : `${path}: ${message}`, severity };
    });
    this.#view.dispatch(setDiagnostics(state, diagnostics));
  }

  goTo({ path, message }: Pick<Remark, 'path' | 'message'>): void {
    const text = this.text;
    const said = path === '' ? spanInMessage(text, message) : undefined;
    const { from } = said ?? locate(yamlLanguage.parser.parse(text), text, path);
    this.#view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
    this.#view.focus();
  }

  focus(): void {
    this.#view.focus();
  }

  destroy(): void {
    this.#view.destroy();
  }
}

function complete(context: CompletionContext, schema: Schema | undefined): CompletionResult | null {
  if (schema === undefined) return null;
  const node = syntaxTree(context.state).resolveInner(context.pos, -1);
  if (node.name === 'Comment' || node.name.startsWith('BlockLiteral')) return null;
  const where = yamlContext(context.state.doc.toString(), context.pos);
  if (where.typed === '' && !context.explicit && where.key === undefined) return null;
  const found = proposals(schema, where);
  if (found.length === 0) return null;
  return {
    from: where.from,
    options: found.map((proposal) => option(proposal, where.column)),
    validFor: /^[\w./@-]*$/,
  };
}

function option(proposal: Proposal, column: number): Completion {
  const { label, kind, detail, description, isRequired } = proposal;
  return {
    label,
    type: kind === 'key' ? 'property' : 'enum',
    ...(detail === undefined ? {} : { detail: isRequired ? `${detail}, required` : detail }),
    ...(description === undefined ? {} : { info: description }),
    ...(isRequired ? { boost: 1 } : {}),
    apply: (view, _completion, from, to) => {
      const insert = kind === 'key' ? `${label}:${after(proposal, column)}` : label;
      view.dispatch({
        changes: { from, to, insert },
        selection: { anchor: from + insert.length },
        userEvent: 'input.complete',
      });
      if (kind === 'key') startCompletion(view);
    },
  };
}

function after({ shape }: Proposal, column: number): string {
  const indent = ' '.repeat(column + 2);
  if (shape === 'mapping') return `\n${indent}`;
  return shape === 'list' ? `\n${indent}- ` : ' ';
}

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'light-dark(oklch(0.45 0.1 150), oklch(0.8 0.11 150))' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--ink-faint)', fontStyle: 'italic' },
  { tag: [tags.punctuation, tags.separator, tags.brace, tags.squareBracket], color: 'var(--ink-faint)' },
  { tag: [tags.keyword, tags.labelName, tags.typeName], color: 'var(--ask)' },
]);

const looks = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', backgroundColor: 'var(--surface)', fontSize: 'var(--size-small)' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--font-code)', lineHeight: '1.65' },
  '.cm-content': { caretColor: 'var(--ink)', padding: 'var(--space-3) 0' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--sunken)', color: 'var(--ink-faint)', border: '0' },
  '.cm-activeLine': { backgroundColor: 'var(--hover)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in oklab, var(--accent) 28%, transparent)',
  },
  '.cm-matchingBracket': { backgroundColor: 'var(--accent-soft)', outline: '1px solid var(--accent)' },
  '.cm-tooltip': {
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius)',
    backgroundColor: 'var(--raised)',
    boxShadow: 'var(--shadow-high)',
    color: 'var(--ink)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font-code)', maxHeight: '16rem' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '0.2rem 0.6rem' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-soft)', color: 'var(--ink)' },
  '.cm-completionDetail': { color: 'var(--ink-faint)', fontStyle: 'normal' },
  '.cm-completionInfo': { maxWidth: '22rem', padding: '0.4rem 0.6rem', fontFamily: 'var(--font-text)' },
  '.cm-diagnostic': { padding: '0.3rem 0.6rem' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--bad)' },
  '.cm-diagnostic-warning': { borderLeft: '3px solid var(--ask)' },
  '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--ink)' },
});
