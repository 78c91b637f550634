/** esbuild takes styles out of scripts and puts them into a file of their own. */
declare module '*.css';
