// Removes lines that belong to a page's controls and not to its text: share bars, counters, "read more", log-in and
// cookie prompts. After RefinedWeb's line corrections (Penedo et al. 2023, appendix G.2), but as a list of whole lines
// instead of substrings, so that a sentence which mentions a cookie policy stays. Only short lines are looked at.

import type { RuleResult } from './clean-text.ts';

/** RefinedWeb looks for these in lines of at most ten words; the longest phrase below has 60 characters. */
const longestLine = 80;

const phrases = [
  // English
  'share|share this|share this (?:page|post|article|story)|share (?:on|via) (?:facebook|twitter|x|linkedin|whatsapp|email|reddit|pinterest|telegram)',
  'tweet|tweet this|pin it|like this|email this(?: page| article)?|print this (?:page|article)|copy link|follow us(?: on [a-z]+)?',
  'read more|read more on.{0,20}|continue reading|keep reading|show more|see more|load more|view (?:more|all)|more\\.\\.\\.|learn more|click here',
  'sign[ -]in|sign[ -]up|log[ -]?in|log[ -]?out|register|subscribe|subscribe (?:now|to our newsletter)|create (?:an )?account|forgot (?:your )?password',
  'leave a (?:reply|comment)|post a comment|add a comment|no comments(?: yet)?|view comments|reply|report (?:abuse|this post)|cancel reply',
  'skip to (?:main )?content|skip to navigation|toggle navigation|menu|search|close|back to top|home|previous|next|next (?:post|article|page)|previous (?:post|article|page)',
  'accept(?: all)?(?: cookies)?|reject all|cookie settings|manage cookies|privacy policy|terms of (?:use|service)|terms (?:and|&) conditions|cookie policy',
  'advertisement|sponsored|sponsored content|related (?:posts|articles|stories|links)|you may also like|recommended for you|most (?:read|popular)|trending(?: now)?',
  'items? in (?:cart|basket)|add to (?:cart|basket|wishlist)|view cart|checkout|buy now',
  // German, French, Spanish, Italian, Portuguese, Dutch
  'teilen|drucken|mehr (?:lesen|anzeigen|erfahren)|weiterlesen|anmelden|abmelden|registrieren|zum inhalt springen|nach oben|anzeige|kommentar (?:schreiben|verfassen)|alle cookies akzeptieren',
  'partager|imprimer|lire la suite|en savoir plus|se connecter|connexion|s.inscrire|inscription|aller au contenu|haut de page|publicité|laisser un commentaire|tout accepter',
  'compartir|imprimir|leer más|seguir leyendo|iniciar sesión|registrarse|ir al contenido|volver arriba|publicidad|dejar un comentario|aceptar todo',
  'condividi|stampa|leggi tutto|continua a leggere|accedi|registrati|vai al contenuto|torna su|pubblicità|lascia un commento|accetta tutto',
  'partilhar|compartilhar|ler mais|leia mais|entrar|cadastre-se|ir para o conteúdo|publicidade|deixe um comentário|aceitar tudo',
  'delen|lees meer|verder lezen|inloggen|registreren|ga naar de inhoud|naar boven|advertentie|laat een reactie achter|alles accepteren',
];
const phrase = new RegExp(`^(?:${phrases.join('|')})$`, 'i');
// "3 likes", "1,204 shares", "12K views", "5 comments".
const counter =
  /^[0-9][0-9.,]{0,12} ?[km]? (?:likes?|shares?|comments?|views?|retweets?|followers?|replies|reply|points?|upvotes?|votes?|reads?|claps?|kommentare?|commentaires?|comentarios?)$/i;
const decoration = /^[\s|•·›»>«<*…:.\-–—]+|[\s|•·›»>«<*…:.\-–—]+$/g;

export function removeBoilerplateLines(text: string): RuleResult {
  const lines = text.split('\n');
  // A document that is one such line is a document about it; headings of a page are not its controls.
  if (lines.length < 3) return { text, count: 0 };
  const kept = lines.filter((line) => !isBoilerplateLine(line));
  const count = lines.length - kept.length;
  if (count === 0 || kept.every((line) => line.trim() === '')) return { text, count: 0 };
  return {
    text: kept
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .replace(/^\n+/, '')
      .trimEnd(),
    count,
  };
}

function isBoilerplateLine(line: string): boolean {
  if (line.length > longestLine || line.length < 3) return false;
  const core = line.replace(decoration, '');
  return core.length > 2 && (phrase.test(core) || counter.test(core));
}
