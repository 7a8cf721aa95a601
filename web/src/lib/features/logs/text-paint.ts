import { cssColour, type Colour, type TextStyle } from './text-style.ts';

export interface TextPaint {
  readonly className: string;
  readonly colour: string | undefined;
  readonly background: string | undefined;
}

/** How a browser shows a style. Inverse swaps the colours, the ones that were never set included. */
export function paintOf(style: TextStyle): TextPaint {
  const foreground = style.foreground && foregroundCss(style.foreground, style.background);
  const background = style.background && backgroundCss(style.background, style.foreground);
  const classes = [
    style.isBold && 'bold',
    style.isDim && 'dim',
    style.isItalic && 'italic',
    style.isUnderlined && 'underlined',
    style.isStruck && 'struck',
  ].filter((name) => name !== false);
  return {
    className: classes.join(' '),
    colour: style.isInverse ? (background ?? 'var(--log-canvas)') : foreground,
    background: style.isInverse ? (foreground ?? 'var(--log-ink)') : background,
  };
}

/** Black is for writing on a colour; on the log's own ground it has to be seen too, so there it is grey. */
function foregroundCss(foreground: Colour, background: Colour | undefined): string {
  const isBlack = 'index' in foreground && foreground.index === 0;
  return isBlack && background !== undefined ? 'var(--log-canvas)' : cssColour(foreground);
}

/** The palette is made to be read on dark: under white text its colours are taken deeper. */
function backgroundCss(background: Colour, foreground: Colour | undefined): string {
  const isLight = foreground === undefined || ('index' in foreground && [7, 15].includes(foreground.index));
  if (!isLight || !('index' in background) || background.index >= 16) return cssColour(background);
  return `var(--ansi-deep-${background.index % 8})`;
}
