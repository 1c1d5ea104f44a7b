using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ProdOps.Monitoring.Exporting;

/// <summary>Servers as targets of Prometheus' file-based service discovery (prometheus.io/docs/prometheus/latest/configuration/configuration, file_sd_config), with the names that rules know them by.</summary>
internal static class TargetFile
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="servers">The servers.</param>
    /// <param name="port">The port that something answers at on each.</param>
    /// <param name="environment">The environment's name; empty without one.</param>
    public static string Write(IEnumerable<Server> servers, int port, string environment)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartArray();
            foreach (var server in servers)
            {
                json.WriteStartObject();
                json.WriteStartArray("targets");
                json.WriteStringValue(Address(server, port));
                json.WriteEndArray();
                json.WriteStartObject("labels");
                json.WriteString("server", server.Name);
                if (server.Roles.Count > 0) json.WriteString("role", string.Join(',', server.Roles));
                if (environment.Length > 0) json.WriteString("environment", environment);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Address(Server server, int port)
    {
        string host = server.IsLocal ? server.Address ?? "localhost" : server.Address ?? server.Name;
        return string.Create(CultureInfo.InvariantCulture, $"{(host.Contains(':') && host[0] != '[' ? $"[{host}]" : host)}:{port}");
    }
}
