-- What wrk sends: POST with the file and the media type it was given; afterwards one line of JSON with what came of it.

function init(words)
    local file = assert(io.open(words[1], "rb"))
    wrk.method = "POST"
    wrk.headers["Content-Type"] = words[2]
    wrk.body = file:read("*a")
    file:close()
end

function done(summary, latency)
    local failed = summary.errors
    print(string.format(
        '{"requests": %d, "failed": %d, "p50_ms": %.3f, "p99_ms": %.3f}',
        summary.requests,
        failed.connect + failed.read + failed.write + failed.timeout + failed.status,
        latency:percentile(50) / 1000,
        latency:percentile(99) / 1000
    ))
end
