/** Every combination of the params of serverless.yml that changes what is in the template. */
export interface Combination {
  /** For files and messages: `rabbitmq-new-vpc-arm64-3`. */
  readonly name: string;
  readonly params: Readonly<Record<string, string>>;
}

const NETWORKS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  public: {},
  vpc: {
    vpcSubnetIds: 'subnet-0a1b2c3d4e5f60718,subnet-1a1b2c3d4e5f60718',
    vpcSecurityGroupIds: 'sg-0a1b2c3d4e5f60718',
  },
};
const BROKERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  new: {},
  existing: {
    brokerArn: 'arn:aws:mq:eu-central-1:123456789012:broker:shared:b-1234a5b6-78cd-901e-2fgh',
    brokerSecretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shared-broker-a1b2c3',
    brokerHost: 'b-1234a5b6-78cd-901e-2fgh.mq.eu-central-1.amazonaws.com:5671',
  },
};

export function combinations(): Combination[] {
  const queues = [
    ...Object.entries(BROKERS).flatMap(([mq, address]) =>
      ['1', '3'].map((converterShards) => ({
        queue: 'rabbitmq',
        mq,
        converterShards,
        ...address,
      })),
    ),
    { queue: 'sqs' }, // which asks neither for a broker nor for shards
  ];
  return queues.flatMap((queue) =>
    Object.entries(NETWORKS).flatMap(([network, ids]) =>
      ['arm64', 'x86_64'].map((architecture) => {
        const choice = { ...queue, network, architecture };
        const named = ['queue', 'mq', 'converterShards', 'network', 'architecture'];
        const params = { ...choice, ...ids };
        const name = named.flatMap((key) => Object.entries(choice).filter(([k]) => k === key));
        return { name: name.map(([, value]) => value).join('-'), params };
      }),
    ),
  );
}
