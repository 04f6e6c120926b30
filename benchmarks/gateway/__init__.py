"""Gateway: requests per second of processor time, beside nginx, a bare relay, and uvicorn with aiohttp's client.

A request goes through a proxy to a back end and back. The proxy has core 0 for itself; load generator (wrk) and back
end (an nginx that answers from memory) share core 1. A figure is the number of answered requests divided by the
processor time, user and system, of all processes of the proxy. Request and answer are of the size that is named; the
load is a closed loop. All proxies take turns in each round, in an order that moves on by one from round to round;
figures are medians of the rounds, and a ratio is the median of the ratios within the rounds. The answers of each proxy
are compared with what they must be before and after the rounds; a request that fails in between ends the run.

The product is started by its launcher with the shipped configuration. The bare relay forwards bytes over kept
connections and knows only where a message ends. Flow *pass* forwards the body as it is; *json* takes three fields of
the body and sends a new one; *xml* does so with three XPath expressions, in the relay by lxml.

nginx and wrk come from the distribution, the other peers from pip: `apt-get install nginx wrk`, `pip install aiohttp`.

    python -m benchmarks.gateway [--flow pass|json|xml] [--peers nginx,relay,uvicorn,product] [--rounds 5] [--seconds 4]
"""
