// Prints the config.json of every decoder among the presets, for count-parameters.py. transformers has no class for windows
// of GPT-3 and nanochat, which have no parameters.
import { publishedDecoders } from './published-decoders.ts';

const stand: Readonly<Record<string, string>> = { gpt3: 'gpt2', nanochat_windowed: 'nanochat' };
const configs = Object.entries(publishedDecoders()).map(([name, model]) => {
  const json = model.toJson();
  const type = String(json.model_type);
  return [name, { ...json, model_type: stand[type] ?? type }];
});
process.stdout.write(JSON.stringify(Object.fromEntries(configs)));
