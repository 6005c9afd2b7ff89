// Recipes and stages that lie outside of Gristmill: their TypeScript is a module whatever the package.json above it says
// (`npm init` writes commonjs), and `@gristmill/…` is found where the program that runs them has it, unless their own
// folder has one. Holds for the thread that calls it.

import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

let areAllowed = false;

/** Called before a module is imported by the name that a recipe gives. */
export function allowOwnModules(): void {
  if (areAllowed) return;
  areAllowed = true;
  const { resolve } = createRequire(import.meta.url);
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (!specifier.startsWith('@gristmill/')) return nextResolve(specifier, context);
      try {
        return nextResolve(specifier, context);
      } catch (error) {
        try {
          return nextResolve(pathToFileURL(resolve(specifier)).href, context);
        } catch {
          throw error;
        }
      }
    },
    load(url, context, nextLoad) {
      const isOwn = url.startsWith('file:') && url.endsWith('.ts') && !url.includes('/node_modules/');
      return nextLoad(url, isOwn ? { ...context, format: 'module-typescript' } : context);
    },
  });
}
