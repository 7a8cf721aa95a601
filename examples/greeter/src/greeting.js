const GREETINGS = { en: 'Hello', de: 'Hallo', fr: 'Bonjour', es: 'Hola', ja: 'こんにちは' };

/** Greets in the first language of an Accept-Language header that we know, else in English. */
export function greeting(name, acceptLanguage = '') {
  const wanted = acceptLanguage
    .split(',')
    .map((part) => {
      const [tag, quality = 'q=1'] = part.trim().split(';');
      return { language: tag.split('-')[0].toLowerCase(), quality: Number(quality.trim().slice(2)) };
    })
    .sort((one, other) => other.quality - one.quality);
  const known = wanted.find(({ language }) => language in GREETINGS);
  return `${GREETINGS[known?.language ?? 'en']}, ${name}!`;
}
