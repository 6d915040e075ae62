#!/usr/bin/env node
// In a clone, the build is brought up to date first, so that what runs is what the sources say.
import { build } from '../build.mjs';

await build();
await import('../dist/cli.js');
