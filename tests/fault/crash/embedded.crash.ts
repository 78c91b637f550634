import { declareEnumeration } from './declare-enumeration.ts';
import { embeddedWorld } from './embedded-world.ts';

await declareEnumeration(await embeddedWorld());
