// Models that see, for those who import the trainer.
export { trainOnCaptions, type CaptionRequest } from './caption-run.ts';
export { readImagePrompt } from './image-prompt.ts';
export { toPixels } from './pixels.ts';
export { decodeImage, readImage, type Image } from './read-image.ts';
