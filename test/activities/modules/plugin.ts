import { definePlugin } from '../../../activities/plugin.ts'

export default definePlugin<{ greeting: string }>({
  name: 'greeter',
  config: {
    type: 'object',
    required: ['greeting'],
    additionalProperties: false,
    properties: { greeting: { type: 'string' } },
  },
  setup: (config) => ({
    activities: [{ name: 'greeter.greet', run: () => config.greeting }],
  }),
})
