using System.Net.Sockets;
using System.Security.Authentication;
using static System.FormattableString;

namespace ProdOps.LoadBalancing.Load;

/// <summary>Failures of requests in words. The words are the same for the same failure, so that they can be counted.</summary>
internal static class LoadText
{
    public static string NoAnswer(TimeSpan timeout, bool hasBegun) =>
        Invariant($"{(hasBegun ? "an answer that had begun was not whole" : "no answer")} {timeout.TotalSeconds:0.###} s after the request was due");

    public static string NoConnection(TimeSpan timeout) => Invariant($"no connection was free within {timeout.TotalSeconds:0.###} s: each waited for an answer");

    public static string Connecting(Exception error, bool expired, TimeSpan timeout) =>
        expired ? Invariant($"connecting: no answer {timeout.TotalSeconds:0.###} s after the request was due") : $"connecting: {Describe(error)}";

    public static string Reset(Exception? error, bool isReused, bool hasBegun) =>
        $"the {(isReused ? "used" : "new")} connection ended {(hasBegun ? "within the answer" : "before the answer")}{(error is null ? "" : $": {Describe(error)}")}";

    public static string Status(int status)
    {
        string name = ((System.Net.HttpStatusCode)status).ToString();
        return char.IsDigit(name[0]) ? Invariant($"{status}") : Invariant($"{status} {name}");
    }

    private static string Describe(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket) return socket.Message;
            if (cause is AuthenticationException tls) return $"TLS: {tls.Message}";
        }

        return error.Message;
    }
}
