-- Facts: each is a function that raises where something does not hold.
local check = { failed = 0, run = 0 }

function check.fact(name, body)
    check.run = check.run + 1
    local fine, message = xpcall(body, function(raised)
        return debug.traceback(tostring(raised), 2)
    end)
    if not fine then
        check.failed = check.failed + 1
        print(("FAILED: %s\n%s"):format(name, message))
    end
end

function check.equal(got, wanted, what)
    if got ~= wanted then
        error(("%s is %s, expected %s"):format(what or "value", tostring(got), tostring(wanted)), 2)
    end
end

function check.near(got, wanted, within)
    if not (math.abs(got - wanted) < (within or 1e-14)) then
        error(("%.17g, expected %.17g"):format(got, wanted), 2)
    end
end

--- What a call raises; an error if it raises nothing.
function check.raised(run, ...)
    local fine, raised = pcall(run, ...)
    if fine then
        error("nothing was raised", 2)
    end
    return raised
end

--- The status of the failure that a call raises.
function check.status(wanted, run, ...)
    local raised = check.raised(run, ...)
    if type(raised) ~= "table" or raised.status ~= wanted then
        error(("raised %s, expected status %d"):format(tostring(raised), wanted), 2)
    end
    return raised
end

--- Arrays of C as texts, to be compared.
function check.list(array)
    return table.concat(require("diffusion").totable(array), " ")
end

return check
