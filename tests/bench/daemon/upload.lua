-- What wrk sends where it uploads: a body of as many bytes as its argument says.
function init(args)
    wrk.method = "POST"
    wrk.body = string.rep("x", tonumber(args[1]))
end
