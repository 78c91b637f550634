/** esbuild takes styles out of the scripts that name them. */
declare module '*.css';
