using System.Runtime.InteropServices;
using ProdOps.Benchmarks;

// A measurement that is stopped still unmounts and removes what it made.
using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    if (args is ["logs", .. var rest])
        await new LogCommands(Console.Out).RunAsync(new CommandLine(rest), stop.Token);
    else if (args is ["metrics", .. var measured])
        new MetricCommands(Console.Out).Run(new CommandLine(measured), stop.Token);
    else if (args is ["monitor", .. var monitored])
        await new MonitorCommands(Console.Out).RunAsync(new CommandLine(monitored), stop.Token);
    else if (args is ["topology", .. var graphs])
        new TopologyCommands(Console.Out).Run(new CommandLine(graphs), stop.Token);
    else if (args is ["capture", .. var captures])
        new CaptureCommands(Console.Out).Run(new CommandLine(captures), stop.Token);
    else
        await new Commands(Console.Out).RunAsync(new CommandLine(args), stop.Token);
    return 0;
}
catch (UsageException problem)
{
    await Console.Error.WriteLineAsync(problem.Message);
    return 2;
}
catch (OperationCanceledException)
{
    return 130;
}
