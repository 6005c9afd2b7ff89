// Prints the config.json of every published decoder, for count-parameters.py. transformers has no class for windows of
// nanochat, which have no parameters.
import { createModel, publishedDecoders } from '@gristmill/models';

const configs = Object.entries(publishedDecoders).map(([name, { vocabSize, sizes }]) => {
  const json = createModel({ ...sizes, vocabSize, eosTokenId: 0 }).toJson();
  const type = String(json.model_type).replace('_windowed', '');
  return [name, { ...json, model_type: type }];
});
process.stdout.write(JSON.stringify(Object.fromEntries(configs)));
