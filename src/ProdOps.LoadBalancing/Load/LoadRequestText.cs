using System.Text;

namespace ProdOps.LoadBalancing.Load;

/// <summary>The bytes of a request, with places for its id.</summary>
internal static class LoadRequestText
{
    /// <param name="options">What is asked.</param>
    /// <param name="run">What the ids begin with.</param>
    /// <returns>The request, and where its id stands in it.</returns>
    public static (byte[] Request, Range[] Ids) Of(LoadOptions options, string run)
    {
        string id = RequestId.Of(run, 0);
        bool hasBody = options.Method is "POST" or "PUT";
        var head = new StringBuilder()
            .Append($"{options.Method} {options.Url.PathAndQuery} HTTP/1.1\r\n")
            .Append($"Host: {Host(options)}\r\n")
            .Append("User-Agent: ProdOps\r\nAccept: */*\r\n")
            .Append($"X-Request-Id: {id}\r\n");
        if (options.Close) head.Append("Connection: close\r\n");
        if (hasBody) head.Append($"Content-Type: application/octet-stream\r\nContent-Length: {options.BodySize}\r\n");
        byte[] request = Encoding.ASCII.GetBytes(head.Append("\r\n").ToString());
        int at = request.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes(id));
        Range inHead = at..(at + RequestId.Length);
        if (!hasBody) return (request, [inHead]);
        byte[] body = new byte[options.BodySize];
        body.AsSpan().Fill((byte)'.');
        bool hasId = body.Length >= RequestId.Length;
        if (hasId) Encoding.ASCII.GetBytes(id, body);
        return ([.. request, .. body], hasId ? [inHead, request.Length..(request.Length + RequestId.Length)] : [inHead]);
    }

    private static string Host(LoadOptions options)
    {
        string host = options.HostName ?? (options.Url.HostNameType == UriHostNameType.IPv6 ? options.Url.Host : options.Url.IdnHost);
        return options.Url.IsDefaultPort ? host : $"{host}:{options.Url.Port}";
    }
}
