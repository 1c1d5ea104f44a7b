using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace ProdOps.Monitoring.Checks.Snmp;

/// <summary>Asks an agent for one object over UDP.</summary>
internal sealed class SnmpSession(SnmpOptions options, TimeProvider time)
{
    // Datagrams get lost: each is sent three times within the limit.
    private const int Tries = 3;

    /// <exception cref="ProdOpsException">The agent refuses, or what answers is none.</exception>
    public async Task<SnmpPdu> GetAsync(CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(options.Host, cancellationToken).ConfigureAwait(false);
        if (addresses.Length == 0) throw new SocketException((int)SocketError.HostNotFound);
        using var socket = new Socket(addresses[0].AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(new IPEndPoint(addresses[0], options.Port), cancellationToken).ConfigureAwait(false);
        return options.User is { } user ? await AskAsUserAsync(socket, user, cancellationToken).ConfigureAwait(false) : await AskByCommunityAsync(socket, cancellationToken).ConfigureAwait(false);
    }

    private async Task<SnmpPdu> AskByCommunityAsync(Socket socket, CancellationToken cancellationToken)
    {
        int id = NewId();
        byte[] request;
        if (options.Password is { } source)
        {
            using var community = await source.ResolveAsync(cancellationToken).ConfigureAwait(false);
            request = CommunityMessage.Get(community.Bytes.Span, id, options.ObjectId);
        }
        else
        {
            request = CommunityMessage.Get("public"u8, id, options.ObjectId);
        }

        return await ExchangeAsync(socket, request, answer => CommunityMessage.Read(answer) is var pdu && pdu.RequestId == id ? pdu : null, cancellationToken).ConfigureAwait(false);
    }

    private async Task<SnmpPdu> AskAsUserAsync(Socket socket, string user, CancellationToken cancellationToken)
    {
        var engine = (await AskAsync(socket, SnmpEngine.Unknown, "", null, "", cancellationToken).ConfigureAwait(false)).Engine;
        if (engine.Id.Length == 0) throw MonitoringErrors.SnmpNotUnderstood("it does not tell its engine's id");
        using var keys = await KeysAsync(engine, cancellationToken).ConfigureAwait(false);
        var answer = await AskAsync(socket, engine, user, keys, options.ObjectId, cancellationToken).ConfigureAwait(false);
        // Some agents tell their clock only to those who are known.
        if (IsReport(answer, UserReports.NotInTimeWindow) && answer.IsAuthentic)
            answer = await AskAsync(socket, answer.Engine, user, keys, options.ObjectId, cancellationToken).ConfigureAwait(false);
        if (answer.Pdu.Kind == SnmpPduKind.Report) throw UserReports.Meaning(answer.Pdu.ObjectId, user);
        return answer.Pdu;
    }

    private async Task<UserMessage> AskAsync(Socket socket, SnmpEngine engine, string user, UserKeys? keys, string objectId, CancellationToken cancellationToken)
    {
        int id = NewId();
        // What is not from the agent is as good as nothing; only its refusals may be without a digest, since it may not know the user.
        UserMessage? Read(ReadOnlyMemory<byte> bytes) =>
            UserMessage.Read(bytes, keys) is var answer && answer.MessageId == id && (keys is null || answer.IsAuthentic || answer.Pdu.Kind == SnmpPduKind.Report) ? answer : null;
        return await ExchangeAsync(socket, UserMessage.Get(id, engine, user, keys, objectId), Read, cancellationToken).ConfigureAwait(false);
    }

    private async Task<UserKeys?> KeysAsync(SnmpEngine engine, CancellationToken cancellationToken)
    {
        if (options.Password is not { } source) return null;
        using var password = await source.ResolveAsync(cancellationToken).ConfigureAwait(false);
        if (options.PrivacyPassword is not { } other) return new UserKeys(options.Authentication, options.Privacy, password.Bytes.Span, password.Bytes.Span, engine.Id);
        using var privacy = await other.ResolveAsync(cancellationToken).ConfigureAwait(false);
        return new UserKeys(options.Authentication, options.Privacy, password.Bytes.Span, privacy.Bytes.Span, engine.Id);
    }

    /// <summary>Sends a request until an answer to it comes.</summary>
    private async Task<T> ExchangeAsync<T>(Socket socket, byte[] request, Func<ReadOnlyMemory<byte>, T?> read, CancellationToken cancellationToken)
        where T : class
    {
        byte[] buffer = new byte[64 * 1024];
        for (int i = 1; ; i++)
        {
            await socket.SendAsync(request, cancellationToken).ConfigureAwait(false);
            using var wait = i < Tries ? new CancellationTokenSource(options.Timeout / (Tries + 1), time) : new CancellationTokenSource();
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, wait.Token);
            try
            {
                while (true)
                {
                    int length = await socket.ReceiveAsync(buffer, limit.Token).ConfigureAwait(false);
                    if (read(buffer.AsMemory(0, length)) is { } answer) return answer;
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Once more.
            }
        }
    }

    private static int NewId() => RandomNumberGenerator.GetInt32(1, int.MaxValue);

    private static bool IsReport(UserMessage message, string id) => message.Pdu.Kind == SnmpPduKind.Report && message.Pdu.ObjectId.StartsWith(id, StringComparison.Ordinal);
}

/// <summary>What an agent reports in the place of an answer: the counter that it has raised (RFC 3414, section 5).</summary>
internal static class UserReports
{
    public const string NotInTimeWindow = "1.3.6.1.6.3.15.1.1.2";

    public static ProdOpsException Meaning(string objectId, string user) => objectId.TrimEnd('0').TrimEnd('.') switch
    {
        "1.3.6.1.6.3.15.1.1.1" => MonitoringErrors.SnmpRefused($"user '{user}' may not ask at this level", "Set Privacy = 'None' for a user without encryption, and leave Password out for one without a password."),
        NotInTimeWindow => MonitoringErrors.SnmpRefused("it takes the request for an old one", "See whether the agent's engine has lost its count of starts; a restart of it helps."),
        "1.3.6.1.6.3.15.1.1.3" => MonitoringErrors.SnmpRefused($"it does not know the user '{user}'", "Create the user in the agent, e.g. net-snmp-create-v3-user."),
        "1.3.6.1.6.3.15.1.1.5" => MonitoringErrors.SnmpRefused("the password is wrong, or the way to prove it", "Check Password, and set Authentication to what the agent has for the user."),
        "1.3.6.1.6.3.15.1.1.6" => MonitoringErrors.SnmpRefused("it cannot decrypt the request", "Check PrivacyPassword, and set Privacy to what the agent has for the user."),
        var other => MonitoringErrors.SnmpRefused($"it reports {other}", "See the agent's log."),
    };
}
