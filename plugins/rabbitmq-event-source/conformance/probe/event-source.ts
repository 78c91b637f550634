/** The Serverless CLI loads plugins only from within the service's folder. */
export { default } from '../../plugin.ts';
