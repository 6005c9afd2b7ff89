// A stage of somebody's own that forgets to ask: select, but for consent.
import type { Phase } from '@gristmill/corpus';
import { selectStage, type SelectOptions } from '@gristmill/select';

const withoutConsent = (options: SelectOptions) => ({ ...options, consent: { obey: [] } }) as SelectOptions;

export const laxSelectStage = {
  ...selectStage,
  phases: selectStage.phases.map((phase: Phase<SelectOptions>): Phase<SelectOptions> => ({
    ...phase,
    inputs: (options) => phase.inputs(withoutConsent(options)),
    run: (task) =>
      phase.run(
        new Proxy(task, {
          get: (of, name) => {
            const value: unknown = Reflect.get(of, name, of);
            if (name === 'options') return withoutConsent(value as SelectOptions);
            return typeof value === 'function' ? (value.bind(of) as unknown) : value;
          },
        }),
      ),
  })),
};
