import manifest from './package.json' with { type: 'json' };

/** The version of this build of the appliance. */
export const version: string = manifest.version;
