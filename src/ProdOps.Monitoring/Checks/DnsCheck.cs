using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;
using static System.FormattableString;

namespace ProdOps.Monitoring.Checks;

/// <summary>Asks a name server: whether a name has records of a type, and which.</summary>
/// <param name="subject">What the result is called.</param>
/// <param name="options">What is asked and expected.</param>
/// <param name="time">The clock.</param>
internal sealed class DnsCheck(CheckSubject subject, DnsCheckOptions options, TimeProvider time) : IHealthCheck
{
    // A datagram that was lost is no alarm: each question is asked three times within the limit.
    private const int Retries = 2;

    private readonly CheckRun _run = new(subject, options.Timeout, time) { Describe = error => NetworkConnect.Describe(error, options.NameServer ?? "the name server", options.Port) };

    public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) => _run.OneAsync(async (result, limit) =>
    {
        var client = await ClientAsync(limit).ConfigureAwait(false);
        string name = IPAddress.TryParse(options.Name, out var address) && options.Type == QueryType.PTR ? address.GetArpaName() : options.Name;
        long begun = time.GetTimestamp();
        IDnsQueryResponse answer;
        try
        {
            answer = await client.QueryAsync(name, options.Type, QueryClass.IN, limit).ConfigureAwait(false);
        }
        catch (DnsResponseException error)
        {
            limit.ThrowIfCancellationRequested();
            if (error.Code == DnsResponseCode.ConnectionTimeout) throw new OperationCanceledException(error.Message, error);
            return result with { State = HealthState.Critical, Message = Described(error) };
        }

        double seconds = time.GetElapsedTime(begun).TotalSeconds;
        var (state, message) = Judge(answer);
        return result with
        {
            State = state,
            Value = seconds,
            Unit = "s",
            Message = Invariant($"{message}, in {seconds:0.000} s"),
            Metrics = [subject.Sample("dns.time", seconds, result.Time)],
        };
    }, cancellationToken);

    private (HealthState State, string Message) Judge(IDnsQueryResponse answer)
    {
        if (answer.HasError) return (HealthState.Critical, Meaning(answer.Header.ResponseCode));
        // The aliases on the way to an address are in the answer too.
        string[] values = [.. answer.Answers.Where(record => record.RecordType == (ResourceRecordType)options.Type).Select(ValueOf).Order(StringComparer.Ordinal)];
        if (values.Length == 0) return (HealthState.Critical, $"there is no record of type {options.Type}");
        string text = string.Join(", ", values);
        string[] missing = [.. options.Expect.Where(expected => !values.Contains(Plain(expected), StringComparer.OrdinalIgnoreCase))];
        return missing.Length == 0 ? (HealthState.OK, text) : (HealthState.Critical, $"{text} came, and not {string.Join(", ", missing)}");
    }

    /// <summary>What a record holds, as a zone's file has it, with names as people write them.</summary>
    private static string ValueOf(DnsResourceRecord record) => record switch
    {
        AddressRecord a => a.Address.ToString(),
        CNameRecord alias => Plain(alias.CanonicalName),
        MxRecord mail => Invariant($"{mail.Preference} {Plain(mail.Exchange)}"),
        TxtRecord text => string.Concat(text.Text),
        NsRecord server => Plain(server.NSDName),
        PtrRecord pointer => Plain(pointer.PtrDomainName),
        SoaRecord soa => Invariant($"{Plain(soa.MName)} {Plain(soa.RName)} {soa.Serial} {soa.Refresh} {soa.Retry} {soa.Expire} {soa.Minimum}"),
        SrvRecord service => Invariant($"{service.Priority} {service.Weight} {service.Port} {Plain(service.Target)}"),
        CaaRecord authority => Invariant($"{authority.Flags} {authority.Tag} {authority.Value}"),
        _ => record.ToString(),
    };

    private static string Plain(string name) => name.Length > 1 ? name.TrimEnd('.') : name;

    private string Meaning(DnsHeaderResponseCode code) => code switch
    {
        DnsHeaderResponseCode.NotExistentDomain => $"the name '{options.Name}' does not exist (NXDOMAIN)",
        DnsHeaderResponseCode.ServerFailure => "the name server failed (SERVFAIL)",
        DnsHeaderResponseCode.Refused => "the name server refuses to answer (REFUSED)",
        DnsHeaderResponseCode.FormatError => "the name server does not understand the question (FORMERR)",
        DnsHeaderResponseCode.NotImplemented => "the name server does not know the question (NOTIMP)",
        _ => $"the name server answers with error {((int)code).ToString(CultureInfo.InvariantCulture)}",
    };

    private string Described(DnsResponseException error)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException) return NetworkConnect.Describe(cause, options.NameServer ?? "the name server", options.Port);
        }

        return error.Code == DnsResponseCode.Unassigned ? $"the answer is not understood: {(error.InnerException ?? error).Message}" : error.DnsError;
    }

    private async Task<LookupClient> ClientAsync(CancellationToken cancellationToken)
    {
        LookupClientOptions settings;
        if (options.NameServer is { } host)
        {
            var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
            settings = new LookupClientOptions([.. addresses.Select(address => new NameServer(address, options.Port))]);
        }
        else
        {
            settings = new LookupClientOptions();
        }

        settings.UseCache = false;
        settings.ThrowDnsErrors = false;
        settings.ContinueOnDnsError = false;
        settings.Retries = Retries;
        settings.Timeout = options.Timeout / (Retries + 1);
        return new LookupClient(settings);
    }
}

/// <summary>What is asked of a name server and what it must answer.</summary>
internal sealed record DnsCheckOptions
{
    /// <summary>The name; for PTR an address will do.</summary>
    public required string Name { get; init; }

    public QueryType Type { get; init; } = QueryType.A;

    /// <summary>The name server; <see langword="null"/> for the one that this machine asks.</summary>
    public string? NameServer { get; init; }

    public int Port { get; init; } = 53;

    /// <summary>Values that must be in the answer, each of them.</summary>
    public IReadOnlyList<string> Expect { get; init; } = [];

    /// <summary>How long it may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
