// Finds every `new DataError(code, message, hint)` in the source, so that the reference can list what programs say.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** `[{code, says: [[message, hint]]}]`, by code, and inside it by text; what is computed reads `…`. */
export function findErrorCodes(root) {
  const found = new Map();
  const note = (code, message, hint) => {
    const says = found.get(code) ?? new Map();
    found.set(code, says);
    if (/[a-z]{3}/.test(message)) says.set(message, [message, /[a-z]{3}/.test(hint) ? hint : '']);
  };
  for (const file of globSync('{libs,apps}/*/src/**/*.ts', { cwd: root }).sort()) {
    const source = ts.createSourceFile(
      file,
      readFileSync(join(root, file), 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    );
    const visit = (node) => {
      if (ts.isNewExpression(node) && node.expression.getText() === 'DataError') {
        const [code, message, hint] = node.arguments ?? [];
        for (const text of literalsIn(code)) note(text, spell(message), spell(hint));
      }
      if (ts.isPropertyAssignment(node) && node.name.getText() === 'code' && isOwner(node.parent))
        for (const text of literalsIn(node.initializer)) note(text, '', '');
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, says]) => ({ code, says: [...says.values()].sort(([a], [b]) => (a < b ? -1 : 1)) }));
}

/** `{ name: 'pack', code: 'pack-option' }`: whose options are checked. */
function isOwner(node) {
  return (
    ts.isObjectLiteralExpression(node) && node.properties.some((member) => member.name?.getText() === 'name')
  );
}

/** Codes in kebab-case among the string literals of an expression. */
function literalsIn(node) {
  if (node === undefined) return [];
  if (ts.isStringLiteral(node)) return /^[a-z0-9]+(-[a-z0-9]+)+$/.test(node.text) ? [node.text] : [];
  const found = [];
  ts.forEachChild(node, (child) => void found.push(...literalsIn(child)));
  return found;
}

function spell(node) {
  if (node === undefined) return '';
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map((span) => `…${span.literal.text}`).join('');
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return spell(node.left) + spell(node.right);
  if (ts.isConditionalExpression(node)) return spell(node.whenTrue);
  if (ts.isCallExpression(node) && node.expression.getText() === 'suggestName')
    return spell(node.arguments[2]);
  return '…';
}
