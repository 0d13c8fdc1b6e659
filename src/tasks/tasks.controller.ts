import {
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  ParseUUIDPipe,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import {
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { type Request, type Response } from 'express';

import { RequireScope } from '../access/require-scope.js';
import { NotFoundError } from '../common/errors/errors.js';
import { ApiProblems, both } from '../common/http/api-docs.js';
import { visibleOwnerOf } from '../common/http/owner.js';
import { DeliveryDto, DeliveryListDto } from './dto/delivery.dto.js';
import { ListTasksQuery } from './dto/list-tasks.dto.js';
import { TaskDto, TaskListDto } from './dto/task.dto.js';
import { toDeliveryResource } from './delivery.mapper.js';
import { TaskEventStream } from './task-event-stream.js';
import { TaskService } from './task.service.js';
import { type JsonObject } from './task.js';

const TaskId = (): ParameterDecorator =>
  Param(
    'id',
    // An id of another shape is simply not there: clients branch on one code, not on two.
    new ParseUUIDPipe({
      exceptionFactory: () => new NotFoundError('There is no task with this id.'),
    }),
  );

const ApiTaskId = (): MethodDecorator =>
  ApiParam({
    name: 'id',
    description: both('`task_id` of the task.', '작업의 `task_id`.'),
    schema: { type: 'string', format: 'uuid' },
  });

@ApiTags('tasks')
@Controller('tasks')
export class TasksController {
  constructor(
    private readonly tasks: TaskService,
    private readonly events: TaskEventStream,
  ) {}

  @Get()
  @RequireScope('tasks')
  @ApiOperation({
    summary: 'List tasks',
    description: both('Newest first, page by page.', '최신순으로 페이지별 조회.'),
  })
  @ApiOkResponse({ type: TaskListDto, description: both('One page.', '한 페이지.') })
  @ApiProblems('validation_failed')
  async list(@Query() query: ListTasksQuery, @Req() request: Request): Promise<JsonObject> {
    const { status, kind, initial_image_url: initialImageUrl, limit, cursor } = query;
    const page = await this.tasks.list(
      {
        owner: visibleOwnerOf(request),
        ...(status && { status }),
        ...(kind && { kind }),
        ...(initialImageUrl && { initialImageUrl }),
      },
      limit,
      cursor ?? null,
    );
    return {
      tasks: await Promise.all(page.tasks.map((task) => this.tasks.toResource(task))),
      next_cursor: page.next,
    };
  }

  @Get(':id')
  @RequireScope('tasks')
  @ApiOperation({
    summary: 'Read a task',
    description: both('The task as it is now.', '작업의 현재 상태.'),
  })
  @ApiTaskId()
  @ApiOkResponse({ type: TaskDto, description: both('The task.', '작업.') })
  @ApiProblems('not_found')
  async read(@TaskId() id: string, @Req() request: Request): Promise<JsonObject> {
    return this.tasks.toResource(await this.tasks.get(id, visibleOwnerOf(request)));
  }

  @Get(':id/events')
  @RequireScope('tasks')
  @ApiOperation({
    summary: 'Follow a task',
    description: both(
      'Server-Sent Events: `queued`, `started`, `step`, `progress`, `retry`, then `ended`, after which the stream closes. The data of each event is JSON with `task_id`, `status` and, for a step, `step`, `state`, `attempt` and `percent`; that of `ended` is the whole task. A comment is sent every 15 s. `Last-Event-ID` resumes.',
      'Server-Sent Events: `queued`, `started`, `step`, `progress`, `retry`, 마지막으로 `ended`를 보낸 뒤 닫힙니다. 각 이벤트의 데이터는 `task_id`, `status`와 단계일 때 `step`, `state`, `attempt`, `percent`를 담은 JSON이고 `ended`는 작업 전체입니다. 15초마다 주석을 보내며 `Last-Event-ID`로 이어받습니다.',
    ),
  })
  @ApiTaskId()
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: both('Id of the last event that arrived.', '마지막으로 받은 이벤트의 id.'),
    // No pattern: an id that is not ours starts from the beginning, as browsers expect.
    schema: { type: 'string', example: '3' },
  })
  @ApiResponse({
    status: 200,
    description: both('The events.', '이벤트.'),
    content: {
      'text/event-stream': {
        // Neither a string nor an object: tools disagree whether this describes the stream or one event.
        schema: { description: both('A stream of events.', '이벤트 스트림.') },
        example:
          'id: 3\nevent: step\ndata: {"task_id":"0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d","status":"running","step":"classify","state":"started"}\n\n',
      },
    },
  })
  @ApiProblems('not_found')
  async follow(
    @TaskId() id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const task = await this.tasks.get(id, visibleOwnerOf(request));
    await this.events.send(task, request, response);
  }

  @Post(':id/cancel')
  @RequireScope('tasks')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Cancel a task',
    description: both(
      'Takes effect at once; repeating it is no error.',
      '즉시 적용되며 반복해도 오류가 아닙니다.',
    ),
  })
  @ApiTaskId()
  @ApiOkResponse({ type: TaskDto, description: both('The canceled task.', '취소된 작업.') })
  @ApiProblems('not_found', 'task_not_cancelable')
  async cancel(@TaskId() id: string, @Req() request: Request): Promise<JsonObject> {
    return this.tasks.toResource(await this.tasks.cancel(id, visibleOwnerOf(request)));
  }

  @Delete(':id')
  @RequireScope('tasks')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete a task',
    description: both(
      'Removes an ended task and its images.',
      '끝난 작업과 그 이미지를 삭제합니다.',
    ),
  })
  @ApiTaskId()
  @ApiResponse({ status: 204, description: both('Removed.', '삭제되었습니다.') })
  @ApiProblems('not_found', 'task_running')
  async remove(@TaskId() id: string, @Req() request: Request): Promise<void> {
    await this.tasks.delete(id, visibleOwnerOf(request));
  }

  @Get(':id/deliveries')
  @RequireScope('tasks')
  @ApiOperation({
    summary: 'Callback attempts',
    description: both('Every attempt to tell the outcome.', '결과를 알린 모든 시도.'),
  })
  @ApiTaskId()
  @ApiOkResponse({ type: DeliveryListDto, description: both('Callbacks.', '콜백.') })
  @ApiProblems('not_found')
  async deliveries(@TaskId() id: string, @Req() request: Request): Promise<JsonObject> {
    const deliveries = await this.tasks.deliveries(id, visibleOwnerOf(request));
    return { deliveries: deliveries.map(toDeliveryResource) };
  }

  @Post(':id/redeliver')
  @RequireScope('tasks')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Call back again',
    description: both(
      'Sends the outcome again with the same `webhook-id`.',
      '같은 `webhook-id`로 결과를 다시 보냅니다.',
    ),
  })
  @ApiTaskId()
  @ApiResponse({
    status: 202,
    type: DeliveryDto,
    description: both('It will be sent.', '곧 전송됩니다.'),
  })
  @ApiProblems('not_found', 'task_running')
  async redeliver(@TaskId() id: string, @Req() request: Request): Promise<JsonObject> {
    return toDeliveryResource(await this.tasks.redeliver(id, visibleOwnerOf(request)));
  }
}
