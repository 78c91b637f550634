// Loaded into the serverless process: when `npm start` dies, however, no server stays behind.
process.on('disconnect', () => process.exit(1));
process.channel?.unref();
