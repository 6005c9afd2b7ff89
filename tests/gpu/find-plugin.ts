// Prints the path of the PJRT plugin that would be taken here; exit code 1 where there is none.
import { findPlugins } from '@gristmill/tensor';

const plugin = findPlugins().at(0);
if (plugin) console.log(plugin.path);
else process.exitCode = 1;
